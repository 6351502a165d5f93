// SPDX-License-Identifier: Apache-2.0
// Reads key after key of a configuration and keeps the first fault, so that a program looks once at
// the end.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/config/ini_file.h"

namespace sspr {

class KeyReader {
 public:
  explicit KeyReader(const IniFile& file) : file_(file) {}

  std::string Text(std::string_view section, std::string_view key, std::string_view other) {
    return file_.ValueOr(section, key, other);
  }
  std::string Needed(std::string_view section, std::string_view key) {
    std::string value = file_.ValueOr(section, key, "");
    if (value.empty()) {
      Fail(file_.Refuse("[" + std::string(section) + "] lacks " + std::string(key)));
    }
    return value;
  }
  void Path(std::string_view section, std::string_view key, std::string& into) {
    auto path = file_.PathOr(section, key, into);
    if (path) {
      into = std::move(*path);
    } else {
      Fail(path.error());
    }
  }
  int Number(std::string_view section, std::string_view key, int other, int lowest, int highest) {
    const auto number = file_.NumberOr(section, key, other, lowest, highest);
    if (!number) Fail(number.error());
    return number ? *number : other;
  }
  bool Switch(std::string_view section, std::string_view key, bool other) {
    const auto value = file_.SwitchOr(section, key, other);
    if (!value) Fail(value.error());
    return value ? *value : other;
  }
  void FailAt(std::string_view section, std::string_view key, std::string_view why) {
    const IniEntry* const entry = file_.Find(section, key);
    Fail(entry != nullptr ? file_.Refuse(*entry, why) : file_.Refuse(why));
  }
  void Fail(Error error) {
    if (fault_) fault_ = std::move(error);
  }
  const Status& fault() const { return fault_; }

 private:
  const IniFile& file_;
  Status fault_ = Ok();
};

}  // namespace sspr
