// SPDX-License-Identifier: Apache-2.0
// What ssprctl prints: for people by default, JSON with --json.
#pragma once

#include <json/value.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace sspr::service {

class Output {
 public:
  explicit Output(bool json) : json_(json) {}
  bool json() const { return json_; }

  // One object: "name: value" lines, in the order of the names given.
  void ShowObject(const Json::Value& object, const std::vector<const char*>& names) const;
  // A list of objects: a table with a heading.
  void ShowList(const Json::Value& list, const std::vector<const char*>& names) const;
  // Something was done: the sentence, or {"done":true}.
  void ShowDone(std::string_view sentence) const;

 private:
  const bool json_;
};

// "2026-11-22 21:31:00Z", or "never" for 0.
std::string ShowTime(UnixSeconds time);

}  // namespace sspr::service
