// SPDX-License-Identifier: Apache-2.0
#include "service/engine/approval_gate.h"

#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

Refusal Tell(const Session& session, RefusalCode code) {
  Refusal refusal = Refuse(code, "");
  refusal.continuation_token = session.presented;
  refusal.extended = IsExtended(session.flow.capabilities);
  return refusal;
}

}  // namespace

std::string NumberDigest(const ServiceKeys& keys, std::string_view request_id,
                         std::string_view number) {
  SecretBuffer<256> text;
  const bool fits = text.Append("approval:") && text.Append(request_id) && text.Append(":") &&
                    text.Append(number);
  return fits ? ToHex(keys.CodeDigest(text.Reveal())) : std::string();
}

LimitVerdict ApprovalGate::Reserve(const Session& session) {
  const FlowRecord& flow = session.flow;
  const auto open = parts_.approvals->FindOutstanding(flow.subject, session.now);
  if (open && open->flow_id != flow.id) {
    return {.allowed = false,
            .retry_after_seconds = static_cast<int>(open->expires_at - session.now),
            .reservation = {}};
  }
  return parts_.store.Reserve(ApprovalRules(session.policy, flow.subject), session.now);
}

bool ApprovalGate::Ask(const Caller& caller, const Session& session,
                       const ChallengeRecord& challenge, const Secret& number) {
  const FlowRecord& flow = session.flow;
  return parts_.approvals->InsertRequest(
      {.id = challenge.id,
       .flow_id = flow.id,
       .subject = flow.subject,
       .user_id = flow.user_id,
       .number_digest = NumberDigest(parts_.keys, challenge.id, number.Reveal()),
       .operation = flow.operation,
       // What has proved itself; who only names a device is not shown as that one.
       .machine = flow.device_id,
       .place = caller.address,
       .created_at = session.now,
       .expires_at = challenge.expires_at});
}

void ApprovalGate::Wake(const Session& session, const Offer& offer,
                        const ChallengeRecord& challenge) {
  const auto life = std::chrono::seconds(challenge.expires_at - session.now);
  for (const MethodRecord& phone : offer.records) {
    Message message{.to = phone.id, .subject = {}, .text = {}, .channel = Channel::kPush};
    // Of the request's own data nothing goes through the push service but that there is one.
    if (!message.text.Append(R"({"type":"approval"})")) continue;
    if (!parts_.deliver({.message = std::move(message),
                         .deadline = parts_.clock.Monotonic() + life,
                         .reference = session.flow.id})) {
      parts_.log("a phone was not woken: there is no room or no way");
    }
  }
}

std::variant<std::string, Refusal> ApprovalGate::Judge(const Session& session, const Offer* offer) {
  const ChallengeRecord& challenge = *session.flow.challenge;
  const std::optional<ApprovalRequest> request = parts_.approvals->FindRequest(challenge.id);
  if (!request) return Tell(session, RefusalCode::kApprovalExpired);
  switch (request->state) {
    case ApprovalState::kPending:
      if (session.now >= request->expires_at) return Tell(session, RefusalCode::kApprovalExpired);
      return Tell(session,
                  parts_.approvals->NotePoll(request->id, session.now, kPhonePollSeconds - 1)
                      ? RefusalCode::kAuthorizationPending
                      : RefusalCode::kSlowDown);
    case ApprovalState::kDenied:
    case ApprovalState::kWrongNumber:
      return Tell(session, RefusalCode::kApprovalDenied);
    case ApprovalState::kReported:
      return Refuse(RefusalCode::kApprovalReported, "");
    case ApprovalState::kUsed:
    case ApprovalState::kWithdrawn:
      return Tell(session, RefusalCode::kApprovalExpired);
    case ApprovalState::kApproved:
      break;
  }
  // The phone must still be one of the person's; what was approved too late for the flow is void.
  const bool is_known =
      offer != nullptr && std::ranges::any_of(offer->records, [&](const auto& one) {
        return one.id == request->decided_by;
      });
  if (!is_known || session.now > request->expires_at + session.policy.approval_seconds ||
      !parts_.approvals->Use(request->id)) {
    return Tell(session, RefusalCode::kApprovalExpired);
  }
  return request->decided_by;
}

bool ApprovalGate::WasReported(const FlowRecord& flow) {
  return !flow.user_id.empty() && parts_.approvals->WasReported(flow.user_id, flow.id);
}

}  // namespace sspr::service
