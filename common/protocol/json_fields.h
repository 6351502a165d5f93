// SPDX-License-Identifier: Apache-2.0
// JSON from the network, read strictly (RFC 8259 without extras): no comments, no second value, no
// duplicate key, no NaN; at most 64 KiB, 16 deep, strings of 4 KiB; clean UTF-8 without NUL.
//
// JsonFields reads the members of one object. The first fault is kept and every later read yields a
// neutral value, so a parser reads all it wants and looks once at the end. Members nobody asks for
// are ignored.
#pragma once

#include <json/value.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr {

inline constexpr std::size_t kMaxJsonBytes = 64 * 1024;
inline constexpr std::size_t kMaxJsonDepth = 16;
inline constexpr std::size_t kMaxJsonString = 4 * 1024;

// An object, or kProtocol.
Result<Json::Value> ParseStrictJson(std::string_view text);

class JsonFields {
 public:
  // The object outlives this.
  explicit JsonFields(const Json::Value& object) : object_(object) {}

  bool Has(const char* name) const { return object_.isMember(name); }
  // Present, a string, 1 to longest bytes.
  std::string String(const char* name, std::size_t longest);
  // Absent, or a string of 0 to longest bytes. null is not absent.
  std::optional<std::string> OptionalString(const char* name, std::size_t longest);
  int Number(const char* name, int lowest, int highest);
  std::optional<int> OptionalNumber(const char* name, int lowest, int highest);
  bool SwitchOr(const char* name, bool other);
  // Null unless present and an array of at most most members.
  const Json::Value* Array(const char* name, std::size_t most);
  const Json::Value* OptionalArray(const char* name, std::size_t most);
  const Json::Value* OptionalObject(const char* name);

  void Fault(const char* name, std::string_view why);
  void Take(const JsonFields& other);  // the other's fault, if this has none
  bool sound() const { return fault_.empty(); }
  // kProtocol with the first fault.
  Error error() const { return {Errc::kProtocol, fault_}; }

 private:
  const Json::Value* Member(const char* name) const;

  const Json::Value& object_;
  std::string fault_;
};

}  // namespace sspr
