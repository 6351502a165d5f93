// SPDX-License-Identifier: Apache-2.0
// One call of an endpoint: the form, who called, and the engine that answers.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "service/api/answer.h"
#include "service/api/form.h"
#include "service/api/machine_services.h"
#include "service/api/permit_key_list.h"
#include "service/flow_service.h"

namespace sspr::service {

class TokenIssuer;
struct ProvenKey;

struct Call {
  const Form& form;
  Caller caller;
  FlowService& engine;
  const TokenIssuer& tokens;
  const std::string& public_url;
  MachineServices machines = {};
  const ProvenKey* key = nullptr;  // of the request; null: it has no proof
  const std::vector<PermitKey>* permit_keys = nullptr;
  std::string_view bearer = {};  // of the Authorization header
  std::string_view base_url = {};
};

// The engine's reply as an answer: success by the function, the rest by the tables.
template <typename T, std::invocable<T&> OnSuccess>
Answer AnswerFrom(Reply<T> reply, Area area, OnSuccess on_success) {
  if (T* const value = std::get_if<T>(&reply)) return on_success(*value);
  if (Redirect* const redirect = std::get_if<Redirect>(&reply)) return std::move(*redirect);
  const Refusal& refusal = *std::get_if<Refusal>(&reply);
  if (refusal.code == RefusalCode::kSecondGateRequired && !refusal.extended) {
    return Redirect{"A second proof is required, which this client cannot ask for."};
  }
  return ToWireError(refusal, area);
}

// What a challenge_type list says, or the error that it deserves: it must contain redirect and
// nothing that no version of the protocol knows.
struct ChallengeTypes {
  bool oob = false;
  bool totp = false;
  bool questions = false;
  bool recovery_code = false;
  bool temporary_pass = false;
  bool password = false;
};
std::variant<ChallengeTypes, WireError> ReadChallengeTypes(std::string_view list);

// What a client announces at its first step, in challenge_type and capabilities.
Capabilities ReadCapabilities(const Form& form, const ChallengeTypes& types);

// The error of the optional challenge_type of later steps, or nothing.
std::optional<WireError> CheckChallengeTypes(const Form& form);

}  // namespace sspr::service
