// SPDX-License-Identifier: Apache-2.0
// An INI file, read strictly: every fault is an error that names the file and the line, so that a
// typing mistake can never switch a protection off in silence.
//
// [section], key = value, comments on lines of their own that begin with '#' or ';', or behind a
// value after " ;". Keys and values are trimmed. Lines hold at most 190 bytes of UTF-8.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace sspr {

// A key that a program knows.
struct IniKey {
  std::string_view section;
  std::string_view key;
};

struct IniEntry {
  std::string section;
  std::string key;  // empty for the line of a section itself
  std::string value;
  int line = 0;
};

class IniFile {
 public:
  // Errors: kInternal when the file cannot be read, kPolicy when its text is refused.
  static Result<IniFile> Load(const std::string& path);
  // name stands for the file in messages.
  static Result<IniFile> Parse(std::string_view text, std::string name);

  // From elsewhere than a file: entries of line 0 are named without it. Each key once.
  static IniFile Of(std::string name, std::vector<IniEntry> entries);

  // kPolicy, naming the line, when a section or key is not among the known ones.
  Status OnlyKnown(std::span<const IniKey> known) const;

  // Null when the key is not there. The value may be empty.
  const IniEntry* Find(std::string_view section, std::string_view key) const noexcept;
  // The value, or other when the key is not there.
  std::string ValueOr(std::string_view section, std::string_view key, std::string_view other) const;

  // "NAME:LINE: why", as kPolicy: for a value that its reader refuses.
  Error Refuse(const IniEntry& entry, std::string_view why) const;
  // "NAME: why", as kPolicy: for a key that must be there and is not.
  Error Refuse(std::string_view why) const;

  // A decimal number of [lowest, highest], or other when the key is not there.
  Result<int> NumberOr(std::string_view section, std::string_view key, int other, int lowest,
                       int highest) const;
  // yes or no, or other when the key is not there.
  Result<bool> SwitchOr(std::string_view section, std::string_view key, bool other) const;
  // An absolute path without "..", or other when the key is not there.
  Result<std::string> PathOr(std::string_view section, std::string_view key,
                             std::string_view other) const;

  const std::string& name() const noexcept { return name_; }
  const std::vector<IniEntry>& entries() const noexcept { return entries_; }

 private:
  std::string name_;
  std::vector<IniEntry> entries_;
};

}  // namespace sspr
