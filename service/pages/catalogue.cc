// SPDX-License-Identifier: Apache-2.0
#include "service/pages/catalogue.h"

#include <algorithm>

#include "service/pages/trimmed.h"

namespace sspr::service {
namespace {

Error Fault(std::string detail) { return {Errc::kInternal, std::move(detail)}; }

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

Result<Catalogue> Catalogue::Make(const std::vector<FileSet>& sets) {
  Catalogue made;
  for (const Language& language : kLanguages) {
    Texts& texts = made.languages_[language.code];
    const std::string name = "texts/" + std::string(language.code) + ".txt";
    for (const FileSet& set : sets) {
      for (const EmbeddedFile& file : set) {
        if (file.name != name) continue;
        if (Status read = Read(name, file.Text(), texts); !read.ok()) return read.error();
      }
    }
  }
  const Texts& first = made.languages_[kLanguages.front().code];
  for (const Language& language : kLanguages) {
    const Texts& texts = made.languages_[language.code];
    const std::string where = "texts/" + std::string(language.code) + ".txt: ";
    for (const auto& [key, text] : first) {
      if (!texts.contains(key)) return Fault(where + key + " is missing");
    }
    for (const auto& [key, text] : texts) {
      if (!first.contains(key)) return Fault(where + key + " is in no other language");
    }
  }
  return made;
}

Status Catalogue::Read(std::string_view file, std::string_view text, Texts& into) {
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    const std::string where = std::string(file) + ":" + std::to_string(number) + ": ";
    if (equals == std::string_view::npos) return Fault(where + "a line is key = text");
    const std::string_view key = Trimmed(line.substr(0, equals));
    const std::string_view value = Trimmed(line.substr(equals + 1));
    if (key.empty() || value.empty()) return Fault(where + "an empty key or text");
    if (!into.emplace(key, value).second)
      return Fault(where + std::string(key) + " is there twice");
  }
  return Ok();
}

bool Catalogue::Has(std::string_view key) const {
  const auto found = languages_.find(kLanguages.front().code);
  return found != languages_.end() && found->second.find(key) != found->second.end();
}

std::string Catalogue::Text(const Language& language, std::string_view key) const {
  const auto found = languages_.find(language.code);
  if (found != languages_.end()) {
    if (const auto text = found->second.find(key); text != found->second.end()) return text->second;
  }
  return "[[" + std::string(key) + "]]";
}

std::string Catalogue::Text(
    const Language& language, std::string_view key,
    const std::vector<std::pair<std::string_view, std::string>>& values) const {
  std::string text = Text(language, key);
  for (const auto& [name, value] : values) {
    const std::string mark = "{{" + std::string(name) + "}}";
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

Result<std::string> Catalogue::Localised(const Language& language, std::string_view source) const {
  std::string made;
  while (true) {
    const std::size_t begin = source.find("[[");
    made += source.substr(0, begin);
    if (begin == std::string_view::npos) return made;
    const std::size_t end = source.find("]]", begin);
    if (end == std::string_view::npos) return Fault("[[ without ]]");
    const std::string_view key = source.substr(begin + 2, end - begin - 2);
    if (!Has(key)) return Fault("there is no text " + std::string(key));
    made += EscapeHtml(Text(language, key));
    source.remove_prefix(end + 2);
  }
}

std::vector<std::string> Catalogue::Keys() const {
  std::vector<std::string> keys;
  const auto found = languages_.find(kLanguages.front().code);
  if (found == languages_.end()) return keys;
  for (const auto& [key, text] : found->second) keys.push_back(key);
  return keys;
}

}  // namespace sspr::service
