// SPDX-License-Identifier: Apache-2.0
// The phone's side of approvals: enrolling a phone, showing it what waits, taking its answer. What
// a phone says it signs with the key that its browser made at enrolment and gives to nobody. Safe
// from several threads at once; a failing database throws StoreFailure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"
#include "service/store/device_table.h"

namespace sspr::service {

struct OfferedEnrolment {
  Secret code;
  int expires_in_seconds = 0;
};

struct EnrolRequest {
  std::string code;
  std::string name;        // what the person's list calls the phone
  std::string public_key;  // 65 bytes
  std::string signature;   // over EnrolText
};

struct EnrolledPhone {
  std::string device_id;
  std::string username;
};

struct WaitingApproval {
  std::string id;
  Operation operation = Operation::kReset;
  std::string machine;  // name of the enrolled computer; or empty
  std::string place;    // numeric address
  UnixSeconds created_at = 0;
  UnixSeconds expires_at = 0;
  int digits = 0;
};

struct WaitingList {
  std::string username;
  UnixSeconds now = 0;
  std::vector<WaitingApproval> requests;
};

enum class PhoneAnswer { kApprove, kDeny, kReport };

struct AnswerRequest {
  std::string device_id;
  std::string request_id;
  PhoneAnswer answer = PhoneAnswer::kDeny;
  std::string number;     // of an approval
  std::string signature;  // over AnswerText
};

enum class AnswerOutcome { kTaken, kWrongNumber, kNothingWaits };

// A request of a phone that changes nothing but what it is told.
struct PhoneProof {
  std::string device_id;
  UnixSeconds at = 0;  // by the phone's clock; too far from ours is refused with kExpired
  std::string signature;
};

// What a phone signs. base: the public URL, so that what is said to one service says nothing to
// another.
std::string EnrolText(std::string_view base, std::string_view code, std::string_view public_key);
std::string ListText(std::string_view base, const PhoneProof& proof);
std::string AnswerText(std::string_view base, const AnswerRequest& answer);
std::string SubscribeText(std::string_view base, const PhoneProof& proof,
                          const PushSubscription& push);
const char* Name(PhoneAnswer answer);

class ApprovalDesk {
 public:
  // parts.approvals is there. database: of the enrolled devices; outlives it. base: the public URL.
  ApprovalDesk(EngineParts parts, SqlDatabase& database, std::string base)
      : parts_(std::move(parts)), devices_(database), base_(std::move(base)) {}

  // For a signed-in person. kDenied: the policy does not give them this method.
  Result<OfferedEnrolment> Offer(std::string_view user_id);

  // kDenied: the code is none, the signature does not fit, or too many were tried; kPolicy: the
  // name or the key is malformed.
  Result<EnrolledPhone> Enrol(const Caller& caller, const EnrolRequest& request);
  // kDenied: not a phone that we know, or not its signature. kExpired: set the clock.
  Result<WaitingList> List(const PhoneProof& proof);
  Status Subscribe(const PhoneProof& proof, const PushSubscription& push);
  Result<AnswerOutcome> Answer(const Caller& caller, const AnswerRequest& request);

  // The user of a phone that has proved itself as in List.
  Result<std::string> UserOf(const PhoneProof& proof);
  UnixSeconds Now() const { return parts_.clock.Now(); }

 private:
  struct Phone {
    ApprovalDevice device;
    DirectoryUser user;
    Policy policy;
  };

  Result<Phone> Known(std::string_view device_id);
  Result<Phone> Proved(const PhoneProof& proof, std::string_view text);
  AnswerOutcome Take(const Caller& caller, const Phone& phone, const ApprovalRequest& request,
                     const AnswerRequest& answer);
  void Report(const Phone& phone, const ApprovalRequest& request);
  void Note(const Caller& caller, const Phone& phone, const ApprovalRequest& request,
            std::string event, std::string outcome, AuditLog::Weight weight);

  EngineParts parts_;
  DeviceTable devices_;
  const std::string base_;
};

}  // namespace sspr::service
