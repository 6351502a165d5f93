// SPDX-License-Identifier: Apache-2.0
// A flow whose gates are passed on a phone: the code that the login screen shows, the phone that
// takes the flow over by it, and the poll of the login screen. The new password is still typed
// where the flow began.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "service/engine/engine_parts.h"
#include "service/engine/gates.h"
#include "service/engine/sessions.h"
#include "service/store/hand_off_table.h"

namespace sspr::service {

// What a phone goes on with.
struct TakenHandOff {
  std::string continuation_token;  // of the flow, for the calls of the gates
  std::string client_id;           // of the login screen: the flow knows no other
  Operation operation = Operation::kReset;
  std::string machine;  // device id, hexadecimal; empty: not an enrolled computer
  std::string flow_id;
};

class HandOffs {
 public:
  HandOffs(EngineParts& parts, Gates& gates) : parts_(parts), gates_(gates) {}

  Reply<HandOffReply> Offer(const Caller& caller, std::string_view token);
  Reply<ContinueReply> Poll(const Caller& caller, std::string_view token);

  // For the portal. typed: as a person types it; spaces, hyphens and case make no difference.
  // Refusals: kWrongCode, kTooManyAttempts.
  std::variant<TakenHandOff, Refusal> Take(const Caller& phone, std::string_view typed);
  // "That was not me": the login screen is told, and the flow ends.
  void Refuse(std::string_view flow_id);

 private:
  std::optional<FlowRecord> FlowOf(const HandOff& hand_off);

  EngineParts& parts_;
  Gates& gates_;
};

}  // namespace sspr::service
