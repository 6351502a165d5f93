// SPDX-License-Identifier: Apache-2.0
// The values of a configuration, wherever they were read.
#include <algorithm>
#include <charconv>

#include "common/config/ini_file.h"

namespace sspr {

IniFile IniFile::Of(std::string name, std::vector<IniEntry> entries) {
  IniFile file;
  file.name_ = std::move(name);
  file.entries_ = std::move(entries);
  return file;
}

Status IniFile::OnlyKnown(std::span<const IniKey> known) const {
  for (const IniEntry& entry : entries_) {
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const IniKey& candidate) {
      return candidate.section == entry.section &&
             (entry.key.empty() || candidate.key == entry.key);
    });
    if (is_known) continue;
    return entry.key.empty()
               ? Refuse(entry, "unknown section [" + entry.section + "]")
               : Refuse(entry, "unknown key '" + entry.key + "' in [" + entry.section + "]");
  }
  return Ok();
}

const IniEntry* IniFile::Find(std::string_view section, std::string_view key) const noexcept {
  for (const IniEntry& entry : entries_) {
    if (!entry.key.empty() && entry.section == section && entry.key == key) return &entry;
  }
  return nullptr;
}

std::string IniFile::ValueOr(std::string_view section, std::string_view key,
                             std::string_view other) const {
  const IniEntry* entry = Find(section, key);
  return entry != nullptr ? entry->value : std::string(other);
}

Error IniFile::Refuse(const IniEntry& entry, std::string_view why) const {
  if (entry.line == 0) return Refuse(why);
  return {Errc::kPolicy, name_ + ":" + std::to_string(entry.line) + ": " + std::string(why)};
}

Error IniFile::Refuse(std::string_view why) const {
  return {Errc::kPolicy, name_ + ": " + std::string(why)};
}

Result<int> IniFile::NumberOr(std::string_view section, std::string_view key, int other, int lowest,
                              int highest) const {
  const IniEntry* entry = Find(section, key);
  if (entry == nullptr) return other;
  int number = 0;
  const char* end = entry->value.data() + entry->value.size();
  const auto [stopped, fault] = std::from_chars(entry->value.data(), end, number);
  if (fault != std::errc{} || stopped != end || number < lowest || number > highest) {
    return Refuse(*entry, "'" + entry->key + "' must be a number from " + std::to_string(lowest) +
                              " to " + std::to_string(highest));
  }
  return number;
}

Result<bool> IniFile::SwitchOr(std::string_view section, std::string_view key, bool other) const {
  const IniEntry* entry = Find(section, key);
  if (entry == nullptr) return other;
  if (entry->value == "yes") return true;
  if (entry->value == "no") return false;
  return Refuse(*entry, "'" + entry->key + "' must be yes or no");
}

Result<std::string> IniFile::PathOr(std::string_view section, std::string_view key,
                                    std::string_view other) const {
  const IniEntry* entry = Find(section, key);
  if (entry == nullptr) return std::string(other);
  const std::string& path = entry->value;
  const std::string slashed = path + "/";
  if (!path.starts_with('/') || slashed.find("/../") != std::string::npos) {
    return Refuse(*entry, "'" + entry->key + "' must be an absolute path");
  }
  return path;
}

}  // namespace sspr
