// SPDX-License-Identifier: Apache-2.0
// What an endpoint answers, before it becomes bytes: the members of a success, a redirect, or a
// refusal in Microsoft's words. One place turns the engine's RefusalCode into those.
#pragma once

#include <json/value.h>

#include <string>
#include <variant>
#include <vector>

#include "service/flow_service.h"

namespace sspr::service {

// The members of Microsoft's error object that depend on what went wrong.
struct WireError {
  std::string error;
  std::string suberror = {};
  std::vector<int> codes = {};                        // AADSTS numbers, which clients branch on
  std::string description;                            // says what to do next
  Json::Value more = Json::Value(Json::objectValue);  // continuation_token, extension members
};

using Answer = std::variant<Json::Value, Redirect, WireError>;

// Which family of endpoints: a bad token has another word at sign-in.
enum class Area { kReset, kSignIn };

WireError ToWireError(const Refusal& refusal, Area area);

// A missing or malformed parameter, by its name.
WireError BadParameter(const std::string& name);

struct RequestIds {
  std::string correlation;  // GUID
  std::string trace;        // GUID
  std::string timestamp;    // "2026-11-22 21:31:00Z"
};

// Compact JSON.
std::string Write(const Json::Value& value);

// The body of an error answer.
Json::Value ErrorObject(const WireError& error, const RequestIds& ids);

}  // namespace sspr::service
