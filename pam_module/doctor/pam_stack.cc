// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/pam_stack.h"

#include <algorithm>
#include <charconv>

namespace sspr::doctor {
namespace {

constexpr int kDeepest = 16;
// Two lines that include their own file are 65,536 at that depth.
constexpr int kMostIncludes = 64;
constexpr std::string_view kBlanks = " \t";

using Kind = PamAction::Kind;

struct TextLine {
  int number = 0;
  std::string text;
};

// Comments cut, continued lines joined, empty ones left out.
std::vector<TextLine> LogicalLines(std::string_view text) {
  std::vector<TextLine> lines;
  int number = 0;
  bool continued = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    line = line.substr(0, line.find('#'));
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.remove_suffix(1);
    if (continued) {
      lines.back().text += " " + std::string(line);
    } else {
      lines.push_back({number, std::string(line)});
    }
    continued = goes_on;
  }
  std::erase_if(lines, [](const TextLine& line) {
    return line.text.find_first_not_of(" \t\r") == std::string::npos;
  });
  return lines;
}

// Words between blanks; [a b] is one word, without its brackets when it is an argument of a module.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return words;
    line.remove_prefix(first);
    const std::size_t closing = line[0] == '[' ? line.find(']') : std::string_view::npos;
    const std::size_t end =
        closing != std::string_view::npos ? closing + 1 : line.find_first_of(" \t\r");
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end);
  }
}

std::optional<PamAction> ParseAction(std::string_view text) {
  static const std::map<std::string_view, Kind> kNames = {
      {"ignore", Kind::kIgnore}, {"bad", Kind::kBad},   {"die", Kind::kDie},
      {"ok", Kind::kOk},         {"done", Kind::kDone}, {"reset", Kind::kReset}};
  if (const auto named = kNames.find(text); named != kNames.end()) return PamAction{named->second};
  int jump = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), jump);
  if (fault != std::errc{} || end != text.data() + text.size() || jump < 1) return std::nullopt;
  return PamAction{Kind::kJump, jump};
}

PamControl Simple(Kind success, Kind otherwise) {
  return {{"success", {success}},
          {"new_authtok_reqd", {success}},
          {"ignore", {Kind::kIgnore}},
          {"default", {otherwise}}};
}

class Reader {
 public:
  Reader(const PamFiles& files, std::string_view kind) : files_(files), kind_(kind) {}

  // False when there is no such file.
  bool Take(const std::string& name, const std::vector<int>& substacks, int nesting) {
    const std::optional<std::string> text = files_(name);
    if (!text) return false;
    for (const TextLine& line : LogicalLines(*text)) TakeLine(name, line, substacks, nesting);
    return true;
  }

  PamStack stack() && { return std::move(stack_); }

 private:
  void Fault(const std::string& file, int line, const std::string& what) {
    stack_.faults.push_back(file + ":" + std::to_string(line) + ": " + what);
  }

  void Include(const std::string& from, int line, const std::string& name,
               const std::vector<int>& substacks, int nesting) {
    if (nesting >= kDeepest || ++includes_ > kMostIncludes) {
      return Fault(from, line, "includes go round in circles");
    }
    if (!Take(name, substacks, nesting + 1)) Fault(from, line, "'" + name + "' is not there");
  }

  void TakeLine(const std::string& file, const TextLine& line, const std::vector<int>& substacks,
                int nesting) {
    std::vector<std::string> words = Words(line.text);
    if (words[0] == "@include") {
      if (words.size() != 2) return Fault(file, line.number, "@include wants one name");
      return Include(file, line.number, words[1], substacks, nesting);
    }
    PamRule rule;
    rule.file = file;
    rule.line = line.number;
    rule.substacks = substacks;
    std::string_view kind = words[0];
    rule.silent = kind.starts_with('-');
    if (rule.silent) kind.remove_prefix(1);
    if (!IsKind(kind)) return Fault(file, line.number, "'" + words[0] + "' is no kind of line");
    if (!SameKind(kind)) return;
    if (words.size() < 3) return Fault(file, line.number, "the line has too few words");
    rule.control_text = words[1];
    if (words[1] == "include") return Include(file, line.number, words[2], substacks, nesting);
    if (words[1] == "substack") {
      std::vector<int> within = substacks;
      within.push_back(++met_);
      return Include(file, line.number, words[2], within, nesting);
    }
    const std::optional<PamControl> control = ParseControl(words[1]);
    if (!control) return Fault(file, line.number, "'" + words[1] + "' is no control");
    rule.control = *control;
    rule.module = words[2];
    rule.arguments.assign(words.begin() + 3, words.end());
    for (std::string& argument : rule.arguments) {
      if (argument.starts_with('[') && argument.ends_with(']')) {
        argument = argument.substr(1, argument.size() - 2);
      }
    }
    stack_.rules.push_back(std::move(rule));
  }

  static std::string Lower(std::string_view word) {
    std::string made(word);
    std::ranges::transform(made, made.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
  }
  static bool IsKind(std::string_view word) {
    const std::string kind = Lower(word);
    return kind == "auth" || kind == "account" || kind == "password" || kind == "session";
  }
  bool SameKind(std::string_view word) const { return Lower(word) == kind_; }

  const PamFiles& files_;
  const std::string_view kind_;
  int met_ = 0;
  int includes_ = 0;
  PamStack stack_;
};

}  // namespace

std::string PamRule::ModuleName() const { return module.substr(module.rfind('/') + 1); }

bool PamRule::Has(std::string_view argument) const {
  return std::ranges::find(arguments, argument) != arguments.end();
}

std::string PamRule::Where() const { return file + ":" + std::to_string(line); }

std::optional<PamControl> ParseControl(std::string_view text) {
  if (text == "required") return Simple(Kind::kOk, Kind::kBad);
  if (text == "requisite") return Simple(Kind::kOk, Kind::kDie);
  if (text == "sufficient") return Simple(Kind::kDone, Kind::kIgnore);
  if (text == "optional") return Simple(Kind::kOk, Kind::kIgnore);
  if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 3) return std::nullopt;
  PamControl control;
  // Words may stand around the equals sign with blanks, as libpam has it.
  std::string inner(text.substr(1, text.size() - 2));
  for (std::size_t at = 0; (at = inner.find('=', at)) != std::string::npos; ++at) {
    while (at > 0 && kBlanks.find(inner[at - 1]) != std::string_view::npos) inner.erase(--at, 1);
    while (at + 1 < inner.size() && kBlanks.find(inner[at + 1]) != std::string_view::npos) {
      inner.erase(at + 1, 1);
    }
  }
  for (const std::string& word : Words(inner)) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    const std::optional<PamAction> action = ParseAction(std::string_view(word).substr(equals + 1));
    if (!action) return std::nullopt;
    control[word.substr(0, equals)] = *action;
  }
  return control;
}

std::optional<PamStack> ReadStack(const PamFiles& files, const std::string& service,
                                  std::string_view kind) {
  Reader reader(files, kind);
  if (!reader.Take(service, {}, 0)) return std::nullopt;
  return std::move(reader).stack();
}

}  // namespace sspr::doctor
