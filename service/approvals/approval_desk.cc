// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/approval_desk.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "common/protocol/base64url.h"
#include "service/approvals/machine_name.h"
#include "service/approvals/new_method.h"
#include "service/approvals/p256.h"
#include "service/approvals/report_notices.h"
#include "service/crypto/digest.h"
#include "service/engine/approval_gate.h"
#include "service/engine/enrolment_code.h"
#include "service/engine/risk.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

constexpr int kWrongEnrolments = 10;
constexpr int kWrongEnrolmentSeconds = 900;
constexpr UnixSeconds kClockSeconds = 120;
constexpr std::size_t kMostNameBytes = 60;
constexpr std::size_t kMostPhones = 5;
constexpr std::size_t kMostIdBytes = 64;

std::string Lined(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text.append(text.empty() ? "" : "\n").append(line);
  return text;
}

std::vector<LimitRule> WrongEnrolmentRules(const std::string& address) {
  return {{.bucket = "enrol:net:" + NetworkOf(address),
           .max = kWrongEnrolments,
           .window_seconds = kWrongEnrolmentSeconds}};
}

ApprovalState StateOf(PhoneAnswer answer) {
  switch (answer) {
    case PhoneAnswer::kApprove:
      return ApprovalState::kApproved;
    case PhoneAnswer::kDeny:
      return ApprovalState::kDenied;
    case PhoneAnswer::kReport:
      return ApprovalState::kReported;
  }
  return ApprovalState::kDenied;
}

const char* OutcomeName(ApprovalState state) {
  switch (state) {
    case ApprovalState::kApproved:
      return "approved";
    case ApprovalState::kDenied:
      return "denied";
    case ApprovalState::kWrongNumber:
      return "wrong number";
    case ApprovalState::kReported:
      return "reported";
    case ApprovalState::kPending:
    case ApprovalState::kUsed:
    case ApprovalState::kWithdrawn:
      break;
  }
  return "refused";
}

}  // namespace

const char* Name(PhoneAnswer answer) {
  switch (answer) {
    case PhoneAnswer::kApprove:
      return "approve";
    case PhoneAnswer::kDeny:
      return "deny";
    case PhoneAnswer::kReport:
      return "report";
  }
  return "deny";
}

std::string EnrolText(std::string_view base, std::string_view code, std::string_view public_key) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(public_key.data());
  return Lined({"sspr-approval-enrol v1", base, code, Base64Url({bytes, public_key.size()})});
}

std::string ListText(std::string_view base, const PhoneProof& proof) {
  return Lined({"sspr-approval-list v1", base, proof.device_id, std::to_string(proof.at)});
}

std::string AnswerText(std::string_view base, const AnswerRequest& answer) {
  return Lined({"sspr-approval-answer v1", base, answer.device_id, answer.request_id,
                Name(answer.answer), answer.number});
}

std::string SubscribeText(std::string_view base, const PhoneProof& proof,
                          const PushSubscription& push) {
  return Lined({"sspr-approval-push v1", base, proof.device_id, std::to_string(proof.at),
                push.endpoint, push.key, push.auth});
}

Result<OfferedEnrolment> ApprovalDesk::Offer(std::string_view user_id) {
  const std::optional<DirectoryUser> user = parts_.directory.Get(user_id);
  if (!user || !PolicyOf(parts_, LoadPolicy(parts_.store), *user).Enables(MethodKind::kApproval)) {
    return Error{Errc::kDenied, "the policy does not give this person approvals"};
  }
  return OfferedEnrolment{
      OfferEnrolment(*parts_.approvals, parts_.keys, parts_.random, user_id, parts_.clock.Now()),
      kEnrolmentSeconds};
}

Result<EnrolledPhone> ApprovalDesk::Enrol(const Caller& caller, const EnrolRequest& request) {
  const UnixSeconds now = parts_.clock.Now();
  if (request.name.empty() || request.name.size() > kMostNameBytes ||
      !IsCleanText(request.name, Lines::kOne)) {
    return Error{Errc::kPolicy, "name the phone in one line of at most 60 bytes"};
  }
  if (!VerifyP256(request.public_key, EnrolText(base_, request.code, request.public_key),
                  request.signature)) {
    return Error{Errc::kPolicy, "the key is none, or did not sign"};
  }
  const LimitVerdict limit = parts_.store.Reserve(WrongEnrolmentRules(caller.address), now);
  if (!limit.allowed) return Error{Errc::kDenied, "too many codes were tried"};
  const auto user_id =
      parts_.approvals->TakeEnrolment(EnrolmentDigest(parts_.keys, request.code), now);
  const std::optional<DirectoryUser> user = user_id ? parts_.directory.Get(*user_id) : std::nullopt;
  if (!user || !user->enabled) return Error{Errc::kDenied, "the code is none, or used up"};
  parts_.store.Release(limit.reservation);
  const Policy policy = PolicyOf(parts_, LoadPolicy(parts_.store), *user);
  if (!policy.Enables(MethodKind::kApproval) ||
      parts_.approvals->ListDevices(user->id).size() >= kMostPhones) {
    return Error{Errc::kDenied, "the policy allows no further phone"};
  }
  const std::string id = NewId(parts_.random);
  AddMethod(parts_, caller, *user,
            {.id = id,
             .user_id = user->id,
             .kind = MethodKind::kApproval,
             .address = {},
             .sealed_secret = {},
             .added_at = now,
             .detail = request.name,
             .usable_from = UsableFrom(parts_, *user, policy, now)});
  parts_.approvals->InsertDevice(
      {.method_id = id, .user_id = user->id, .public_key = ToHex(request.public_key)});
  return EnrolledPhone{id, user->username};
}

Result<ApprovalDesk::Phone> ApprovalDesk::Known(std::string_view device_id) {
  const Error unknown{Errc::kDenied, "this phone is not registered any more"};
  if (device_id.empty() || device_id.size() > kMostIdBytes) return unknown;
  const auto device = parts_.approvals->FindDevice(device_id);
  if (!device) return unknown;
  const std::optional<DirectoryUser> user = parts_.directory.Get(device->user_id);
  if (!user || !user->enabled) return unknown;
  Policy policy = PolicyOf(parts_, LoadPolicy(parts_.store), *user);
  if (!policy.Enables(MethodKind::kApproval)) return unknown;
  return Phone{*device, *user, std::move(policy)};
}

Result<ApprovalDesk::Phone> ApprovalDesk::Proved(const PhoneProof& proof, std::string_view text) {
  Result<Phone> phone = Known(proof.device_id);
  if (!phone.ok()) return phone.error();
  if (!VerifyP256(FromHex(phone->device.public_key).value_or(""), text, proof.signature)) {
    return Error{Errc::kDenied, "the phone did not sign this"};
  }
  if (std::abs(proof.at - parts_.clock.Now()) > kClockSeconds) {
    return Error{Errc::kExpired, "the phone's clock is not right"};
  }
  return phone;
}

Result<std::string> ApprovalDesk::UserOf(const PhoneProof& proof) {
  const Result<Phone> phone = Proved(proof, ListText(base_, proof));
  if (!phone.ok()) return phone.error();
  return phone->user.id;
}

Result<WaitingList> ApprovalDesk::List(const PhoneProof& proof) {
  const Result<Phone> phone = Proved(proof, ListText(base_, proof));
  if (!phone.ok()) return phone.error();
  WaitingList list{.username = phone->user.username, .now = parts_.clock.Now(), .requests = {}};
  for (const ApprovalRequest& one : parts_.approvals->ListPending(phone->user.id, list.now)) {
    list.requests.push_back({.id = one.id,
                             .operation = one.operation,
                             .machine = MachineName(devices_, one.machine),
                             .place = one.place,
                             .created_at = one.created_at,
                             .expires_at = one.expires_at,
                             .digits = phone->policy.approval_digits});
  }
  return list;
}

Status ApprovalDesk::Subscribe(const PhoneProof& proof, const PushSubscription& push) {
  const Result<Phone> phone = Proved(proof, SubscribeText(base_, proof, push));
  if (!phone.ok()) return phone.error();
  if (!parts_.approvals->PutSubscription(phone->device.method_id, push)) {
    return Error{Errc::kDenied, "this phone is not registered any more"};
  }
  return Ok();
}

Result<AnswerOutcome> ApprovalDesk::Answer(const Caller& caller, const AnswerRequest& answer) {
  const Result<Phone> phone = Known(answer.device_id);
  if (!phone.ok()) return phone.error();
  if (!VerifyP256(FromHex(phone->device.public_key).value_or(""), AnswerText(base_, answer),
                  answer.signature)) {
    return Error{Errc::kDenied, "the phone did not sign this"};
  }
  const auto request = answer.request_id.size() <= kMostIdBytes
                           ? parts_.approvals->FindRequest(answer.request_id)
                           : std::nullopt;
  const bool waits = request && request->user_id == phone->user.id &&
                     request->state == ApprovalState::kPending &&
                     parts_.clock.Now() < request->expires_at;
  if (!waits) return AnswerOutcome::kNothingWaits;
  return Take(caller, *phone, *request, answer);
}

// One wrong number ends the request, and counts as a failure of the method.
AnswerOutcome ApprovalDesk::Take(const Caller& caller, const Phone& phone,
                                 const ApprovalRequest& request, const AnswerRequest& answer) {
  const UnixSeconds now = parts_.clock.Now();
  ApprovalState state = StateOf(answer.answer);
  if (state == ApprovalState::kApproved &&
      !SameBytes(NumberDigest(parts_.keys, request.id, answer.number), request.number_digest)) {
    state = ApprovalState::kWrongNumber;
  }
  const bool is_report = state == ApprovalState::kReported;
  Note(caller, phone, request, "approval.answer", OutcomeName(state),
       is_report ? AuditLog::Weight::kFinal : AuditLog::Weight::kNormal);
  if (!parts_.approvals->Decide(request.id, state, phone.device.method_id, now)) {
    return AnswerOutcome::kNothingWaits;
  }
  if (state == ApprovalState::kWrongNumber) {
    (void)parts_.store.Reserve(MethodRules(phone.policy, request.subject, MethodKind::kApproval),
                               now);
    return AnswerOutcome::kWrongNumber;
  }
  if (is_report) Report(phone, request);
  return AnswerOutcome::kTaken;
}

void ApprovalDesk::Report(const Phone& phone, const ApprovalRequest& request) {
  const UnixSeconds now = parts_.clock.Now();
  parts_.approvals->Stop(phone.user.id, now, now + phone.policy.report_hours * kHourSeconds);
  parts_.store.CloseFlows(request.subject, "");
  TellOfReport(parts_, phone.user, phone.policy, request.place, request.flow_id);
}

void ApprovalDesk::Note(const Caller& caller, const Phone& phone, const ApprovalRequest& request,
                        std::string event, std::string outcome, AuditLog::Weight weight) {
  Record(parts_,
         {.event = std::move(event),
          .outcome = std::move(outcome),
          .reason = phone.device.method_id,
          .user_id = phone.user.id,
          .username = phone.user.username,
          .address = caller.address,
          .device = request.machine,
          .flow_id = request.flow_id,
          .correlation_id = caller.correlation_id},
         weight);
}

}  // namespace sspr::service
