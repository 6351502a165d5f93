// SPDX-License-Identifier: Apache-2.0
// What is kept of phones that approve: the phones, their enrolment, the requests that they are
// asked about, and the accounts whose resets a report has stopped. Each call is one transaction;
// throws StoreFailure when the database fails.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/store/records.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct PushSubscription {
  std::string endpoint;  // https://…; empty: the phone cannot be woken
  std::string key;       // base64url of the browser's P-256 point, 65 bytes
  std::string auth;      // base64url of 16 bytes
};

// Belongs to a method of kind kApproval and goes with it.
struct ApprovalDevice {
  std::string method_id;
  std::string user_id;
  std::string public_key;  // an uncompressed P-256 point, hexadecimal
  PushSubscription push = {};
};

enum class ApprovalState {
  kPending = 0,
  kApproved = 1,
  kDenied = 2,
  kWrongNumber = 3,
  kReported = 4,
  kUsed = 5,       // the flow has taken the approval
  kWithdrawn = 6,  // another one took its place, or its time was over
};

struct ApprovalRequest {
  std::string id;
  std::string flow_id;
  std::string subject;
  std::string user_id;        // empty: nobody's
  std::string number_digest;  // keyed
  ApprovalState state = ApprovalState::kPending;
  Operation operation = Operation::kReset;
  std::string machine;  // the enrolled device that asks, or empty
  std::string place;    // numeric address
  UnixSeconds created_at = 0;
  UnixSeconds expires_at = 0;
  std::string decided_by = {};  // method id of the phone
  UnixSeconds polled_at = 0;
};

class ApprovalTable {
 public:
  explicit ApprovalTable(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  // --- phones
  void PutEnrolment(std::string_view code_digest, std::string_view user_id, UnixSeconds expires_at);
  // The user whose code it is, who has used it by this; nothing when it is unknown or too old.
  std::optional<std::string> TakeEnrolment(std::string_view code_digest, UnixSeconds now);
  void InsertDevice(const ApprovalDevice& device);
  std::optional<ApprovalDevice> FindDevice(std::string_view method_id);
  std::vector<ApprovalDevice> ListDevices(std::string_view user_id);
  // False: no such phone.
  bool PutSubscription(std::string_view method_id, const PushSubscription& push);

  // --- requests
  // The name's outstanding request that is not too old, of whichever flow.
  std::optional<ApprovalRequest> FindOutstanding(std::string_view subject, UnixSeconds now);
  // Withdraws what the same flow had outstanding, and what is too old. False, and nothing is kept,
  // when another flow has one outstanding.
  bool InsertRequest(const ApprovalRequest& request);
  std::optional<ApprovalRequest> FindRequest(std::string_view id);
  // Those that wait for the user's answer.
  std::vector<ApprovalRequest> ListPending(std::string_view user_id, UnixSeconds now);
  // User and request of all that waits for anybody's answer.
  std::vector<std::pair<std::string, std::string>> ListAsked(UnixSeconds now);
  // From pending to the answer, by that phone, before the request is too old. True for exactly one
  // caller.
  bool Decide(std::string_view id, ApprovalState answer, std::string_view method_id,
              UnixSeconds now);
  // Whether the user reported a request of this flow.
  bool WasReported(std::string_view user_id, std::string_view flow_id);
  // From approved to used. True for exactly one caller.
  bool Use(std::string_view id);
  // Notes a poll. False when the one before is less than so many seconds ago.
  bool NotePoll(std::string_view id, UnixSeconds now, int seconds);

  // --- stops
  void Stop(std::string_view user_id, UnixSeconds now, UnixSeconds until);
  // 0: not stopped.
  UnixSeconds StoppedUntil(std::string_view user_id, UnixSeconds now);
  // False: nothing was stopped.
  bool LiftStop(std::string_view user_id);

  void Prune(UnixSeconds now);

 private:
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
