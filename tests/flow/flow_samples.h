// SPDX-License-Identifier: Apache-2.0
// Events for the tests of the flow engine, by short names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/flow/flow_engine.h"

namespace sspr::sample {

inline constexpr char kGoodPassword[] = "plum kettle orbit";

inline FlowEvent Type(std::string_view text) { return Answered{*Secret::CopyOf(text)}; }
inline FlowEvent Say(ServiceReply reply) { return reply; }
inline FlowEvent Say(SetpwReply reply) { return reply; }

inline Method Email() { return {"e1", MethodKind::kEmailCode, "a***@example.org", true}; }
inline Method App() { return {"t1", MethodKind::kAuthenticatorCode, "", false}; }

inline ServiceFeatures Extended() { return {true, true, true, true, true}; }

inline Started StartedWith(std::vector<Method> methods, int required = 1) {
  Started started;
  started.token = "started";
  started.gates = GateList{std::move(methods), required, 0};
  started.transaction = TransactionId{1, 2, 3};
  return started;
}

inline Challenge EmailChallenge(int resend_seconds = 0) {
  return {"challenged", "e1", MethodKind::kEmailCode, "a***@example.org", 8, resend_seconds};
}
inline Challenge AppChallenge() {
  return {"challenged", "t1", MethodKind::kAuthenticatorCode, "", 6, 0};
}

inline Continued Proven() {
  Continued continued;
  continued.token = "proven";
  continued.rules = PasswordRules{12, 256, 511, 0, {"alice"}};
  return continued;
}

inline Submitted Succeeded() {
  Submitted submitted;
  submitted.token = "submitted";
  submitted.state = SetState::kSucceeded;
  submitted.permit.emplace();
  return submitted;
}
inline Submitted InProgress(int poll_seconds = 1) {
  Submitted submitted;
  submitted.token = "submitted";
  submitted.state = SetState::kInProgress;
  submitted.poll_seconds = poll_seconds;
  return submitted;
}

inline Polled PolledAs(SetState state) {
  Polled polled{state, std::nullopt};
  if (state == SetState::kSucceeded) polled.permit.emplace();
  return polled;
}
inline TransactionState TransactionAs(SetState state) {
  TransactionState transaction{state, std::nullopt};
  if (state == SetState::kSucceeded) transaction.permit.emplace();
  return transaction;
}

inline Refused RefusedAs(Refused::Next next) {
  Refused refused;
  refused.next = next;
  return refused;
}
inline Refused SecondGate(std::vector<Method> methods) {
  Refused refused = RefusedAs(Refused::Next::kPassSecondGate);
  refused.token = "half";
  refused.gates = GateList{std::move(methods), 2, 1};
  return refused;
}

}  // namespace sspr::sample
