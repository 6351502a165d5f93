// SPDX-License-Identifier: Apache-2.0
#include "service/engine/reset_start.h"

#include "common/base/setpw_frames.h"
#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/engine/identity.h"
#include "service/engine/offers.h"

namespace sspr::service {
namespace {

constexpr std::size_t kResumeKeyBytes = 32;
// Passed gates of a flow that was cut off count this long after its last request.
constexpr int kResumedGatesSeconds = 120;
constexpr UnixSeconds kPruneEverySeconds = 60;

bool IsWellFormed(const StartRequest& request) {
  if (request.username.empty() || request.username.size() > 2 * kMaxTextBytes) return false;
  if (!request.resume_key.empty() && request.resume_key.size() != kResumeKeyBytes) return false;
  if (!request.local_set) return true;
  return IsCarriableUserName(request.local_set->account) &&
         request.local_set->account.size() <= 64 &&
         request.local_set->device_id.size() == kDeviceIdBytes &&
         request.local_set->nonce.size() == kNonceBytes;
}

bool SameDevice(const FlowRecord& a, const FlowRecord& b) {
  if (a.proof_key != b.proof_key || a.device_id != b.device_id) return false;
  if (a.local_set.has_value() != b.local_set.has_value()) return false;
  return !a.local_set || a.local_set->device_id == b.local_set->device_id;
}

FlowRecord FreshFlow(EngineParts& parts, const Caller& caller, const StartRequest& request,
                     const Identity& identity, UnixSeconds now) {
  FlowRecord flow;
  flow.id = NewId(parts.random);
  flow.client_id = caller.client_id;
  flow.subject = identity.subject;
  if (identity.nobody_because == nullptr) {
    flow.user_id = identity.user->id;
    flow.password_generation = identity.user->password_generation;
  }
  flow.operation = request.operation;
  flow.capabilities = request.capabilities;
  flow.local_set = request.local_set;
  if (!request.resume_key.empty()) flow.resume_digest = ToHex(Sha256(request.resume_key));
  flow.transaction_id = NewId(parts.random);
  flow.created_at = now;
  flow.last_seen = now;
  flow.proof_key = caller.proof_key;
  flow.device_id = caller.device_id;
  return flow;
}

void ForgetGates(FlowRecord& flow) {
  flow.state = FlowState::kProving;
  flow.completed_gates = 0;
  flow.passed_kinds.clear();
  flow.passed_methods.clear();
  flow.challenge.reset();
}

TokenKind TokenFor(const FlowRecord& flow) {
  if (flow.state == FlowState::kProved) return TokenKind::kPassword;
  return flow.challenge ? TokenKind::kCode : TokenKind::kMethods;
}

}  // namespace

Reply<StartReply> ResetStart::Start(const Caller& caller, const StartRequest& request) {
  const std::optional<ClientRecord> client = parts_.store.FindClient(caller.client_id);
  if (!client) return Refuse(RefusalCode::kInvalidClient, "the client is not registered");
  if (!IsWellFormed(request)) return Refuse(RefusalCode::kInvalidRequest, "a malformed parameter");
  const UnixSeconds now = parts_.clock.Now();
  Prune(now);
  const Policy tenant = LoadPolicy(parts_.store);
  if (std::optional<Refusal> refusal = RefuseDevice(caller, request, tenant)) return *refusal;
  const Identity identity =
      IdentifyForReset(parts_, request.username, tenant, request.capabilities, now);
  const Policy& policy = identity.policy;
  const FlowRecord flow = FreshFlow(parts_, caller, request, identity, now);
  const bool refused = identity.nobody_because != nullptr && !client->concealment;
  if (!refused && !flow.resume_digest.empty()) {
    if (std::optional<StartReply> resumed = Resume(caller, request, flow, policy)) return *resumed;
  }
  AuditEvent event = EventOf(parts_, caller, flow, "reset.start", refused ? "refused" : "started",
                             identity.nobody_because == nullptr ? "" : identity.nobody_because);
  if (identity.user) {
    event.user_id = identity.user->id;
    event.username = identity.user->username;
  }
  NewToken token = MakeToken(parts_.random, flow, TokenKind::kMethods);
  InOneStep(parts_, [&] {
    Record(parts_, event, AuditLog::Weight::kNormal);
    if (!refused) parts_.store.InsertFlow(flow, token.record);
  });
  if (refused && identity.needs_another_client) return KnowsTooLittle();
  if (refused) return Refuse(RefusalCode::kUserNotFound, "user not found");
  return StartReply{.continuation_token = std::move(token.text),
                    .gates = GatesOf(OffersFor(parts_, flow, policy, now), flow, policy),
                    .transaction_id = FromHex(flow.transaction_id).value_or(""),
                    .resumed = false,
                    .live_challenge = {}};
}

// The same for every name, so that nothing shows of an account.
std::optional<Refusal> ResetStart::RefuseDevice(const Caller& caller, const StartRequest& request,
                                                const Policy& tenant) {
  const bool is_foreign = !caller.device_id.empty() && request.local_set &&
                          ToHex(request.local_set->device_id) != caller.device_id;
  const bool is_missing = tenant.devices_required != 0 && caller.device_id.empty();
  if (!is_foreign && !is_missing) return std::nullopt;
  Record(parts_,
         {.event = "reset.start",
          .outcome = "refused",
          .reason = is_foreign ? "the local set is of another device" : "no enrolled device",
          .client_id = caller.client_id,
          .address = caller.address,
          .device = caller.device_id,
          .correlation_id = caller.correlation_id},
         AuditLog::Weight::kNormal);
  Refusal refusal =
      Refuse(is_foreign ? RefusalCode::kInvalidProof : RefusalCode::kDeviceRequired, "");
  refusal.extended = IsExtended(request.capabilities);
  return refusal;
}

// Nothing when there is no flow to go on with. The flow gets a new transaction id: whatever the
// client had prepared under the old one belongs to a dialogue that is gone.
std::optional<StartReply> ResetStart::Resume(const Caller& caller, const StartRequest& request,
                                             const FlowRecord& fresh, const Policy& policy) {
  const UnixSeconds now = fresh.created_at;
  std::optional<FlowRecord> found =
      parts_.store.FindResumable(fresh.resume_digest, fresh.subject, caller.client_id);
  if (!found || !IsAlive(*found, policy, now) || !SameDevice(*found, fresh) ||
      found->operation != fresh.operation || found->user_id != fresh.user_id ||
      found->password_generation != fresh.password_generation) {
    return std::nullopt;
  }
  FlowRecord flow = std::move(*found);
  const TransactionRecord old{.id = flow.transaction_id,
                              .status = TransactionStatus::kFailed,
                              .operation = flow.operation,
                              .client_id = flow.client_id,
                              .flow_id = flow.id,
                              .subject = flow.subject,
                              .user_id = flow.user_id,
                              .local_set = flow.local_set,
                              .commitment = {},
                              .changed_at = now,
                              .device_id = flow.device_id};
  if (flow.completed_gates > 0 && now - flow.last_seen > kResumedGatesSeconds) ForgetGates(flow);
  if (flow.challenge && flow.challenge->expires_at <= now) flow.challenge.reset();
  flow.capabilities = request.capabilities;
  flow.local_set = request.local_set;
  flow.transaction_id = fresh.transaction_id;
  flow.last_seen = now;
  Record(parts_, EventOf(parts_, caller, flow, "reset.start", "resumed"),
         AuditLog::Weight::kNormal);
  NewToken token = MakeToken(parts_.random, flow, TokenFor(flow));
  parts_.store.VoidTransaction(old);
  if (!parts_.store.RestartFlow(flow, token.record)) return std::nullopt;

  const std::vector<Offer> offers = OffersFor(parts_, flow, policy, now);
  StartReply reply{.continuation_token = token.text,
                   .gates = GatesOf(offers, flow, policy),
                   .transaction_id = FromHex(flow.transaction_id).value_or(""),
                   .resumed = true,
                   .live_challenge = {}};
  const Offer* const offer = flow.challenge ? Chosen(offers, flow.challenge->method_id) : nullptr;
  if (offer != nullptr && flow.challenge->attempts < policy.code_attempts) {
    reply.live_challenge = ReplyOf(token.text, *offer, flow.challenge->code_length);
  }
  return reply;
}

void ResetStart::Prune(UnixSeconds now) {
  UnixSeconds last = pruned_at_.load();
  const bool due = now - last >= kPruneEverySeconds || now < last;
  if (!due || !pruned_at_.compare_exchange_strong(last, now)) return;
  if (parts_.approvals != nullptr) parts_.approvals->Prune(now);
  if (parts_.hand_offs != nullptr) parts_.hand_offs->Prune(now);
  if (parts_.passkeys != nullptr) parts_.passkeys->Prune(now);
  // In slices, so that nobody waits for long: the next start goes on.
  if (parts_.store.Prune(now)) pruned_at_.store(now - kPruneEverySeconds);
}

}  // namespace sspr::service
