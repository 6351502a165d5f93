// SPDX-License-Identifier: Apache-2.0
// What a guest's session holds while somebody proves who they are: {flow, step, token, methods,
// required, completed, kind, method, target, length, questions, min_length, min_classes, error,
// number}.
#pragma once

#include <json/value.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "service/flow_service.h"
#include "service/methods/method_kind.h"
#include "service/pages/sessions.h"

namespace sspr::service {

inline constexpr std::string_view kSignInFlow = "sign_in";
inline constexpr std::string_view kUnlockFlow = "unlock";

inline Json::Value MethodsOf(const GateState& gates) {
  Json::Value methods(Json::arrayValue);
  std::vector<MethodOffer> offers = gates.methods;
  std::stable_partition(offers.begin(), offers.end(), std::mem_fn(&MethodOffer::is_default));
  for (const MethodOffer& offer : offers) {
    Json::Value method(Json::objectValue);
    method["id"] = offer.id;
    method["kind"] = static_cast<int>(offer.kind);
    method["hint"] = offer.hint;
    methods.append(std::move(method));
  }
  return methods;
}

inline void PutGates(PageSession& session, const GateState& gates) {
  session.state["methods"] = MethodsOf(gates);
  session.state["required"] = gates.required;
  session.state["completed"] = gates.completed;
  session.state["step"] = "method";
}

inline void PutError(PageSession& session, const char* key, int number = 0) {
  session.state["error"] = key;
  session.state["number"] = number;
}

inline MethodKind KindOf(const Json::Value& value) {
  const int number = value.isInt() ? value.asInt() : 0;
  for (const MethodTraits& traits : kMethodTraits) {
    if (static_cast<int>(traits.kind) == number) return traits.kind;
  }
  return MethodKind::kEmailCode;
}

}  // namespace sspr::service
