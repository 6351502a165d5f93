// SPDX-License-Identifier: Apache-2.0
// The login screen's side of an approval on a phone: asking, and looking whether it was answered.
// service/approvals has the phone's side. Both meet in the database, so that they need not be in
// one process.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "service/engine/engine_parts.h"
#include "service/engine/offers.h"
#include "service/engine/sessions.h"
#include "service/store/approval_table.h"

namespace sspr::service {

// Between two polls, as the client is told. One second less is let pass: clocks and lines differ.
inline constexpr int kPhonePollSeconds = 3;

// What is kept of the number that the login screen shows.
std::string NumberDigest(const ServiceKeys& keys, std::string_view request_id,
                         std::string_view number);

class ApprovalGate {
 public:
  explicit ApprovalGate(EngineParts& parts) : parts_(parts) {}

  // Nothing can be asked without the table, as in an engine without a database.
  bool IsThere() const { return parts_.approvals != nullptr; }

  // One question of a name is open at a time, whoever asks it. Refused with the seconds to wait.
  LimitVerdict Reserve(const Session& session);
  // False when another flow was faster.
  bool Ask(const Caller& caller, const Session& session, const ChallengeRecord& challenge,
           const Secret& number);
  // Wakes the phones behind the offer. What becomes of it changes nothing in the answer.
  void Wake(const Session& session, const Offer& offer, const ChallengeRecord& challenge);

  // Behind a poll: the phone's method id, or what the client is told.
  std::variant<std::string, Refusal> Judge(const Session& session, const Offer* offer);
  // A report ends the flow, so a token of it opens no session any more: the client is told why.
  bool WasReported(const FlowRecord& flow);

 private:
  EngineParts& parts_;
};

}  // namespace sspr::service
