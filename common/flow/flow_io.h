// SPDX-License-Identifier: Apache-2.0
// What goes into the flow engine and what comes out of it, as values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/frame.h"
#include "common/base/secret.h"
#include "common/base/setpw_frames.h"
#include "common/flow/service_values.h"
#include "common/flow/text_id.h"

namespace sspr {

// ---- in

struct Begun {
  std::string user;              // as the host named it; carriable
  std::string service_username;  // the same account, as the service knows it
  bool in_local_files = false;   // the machine's own passwd file has it, or its SAM
  int min_gates = 1;         // fewer proofs than this are not accepted, whatever the service says
  bool draws_codes = false;  // the host shows QR codes
  // It is Windows' own: what that sealed with the old password is lost, and sspr-setpw finishes
  // nothing later.
  bool in_windows = false;
};

struct Answered {
  Secret text;
};

// The person left, or the host went away.
struct Cancelled {};

struct PendingList {
  std::vector<TransactionId> transactions;
};
struct PendingResolved {
  Resolution resolution = Resolution::kKept;
};
struct SetpwReady {
  std::array<unsigned char, kDeviceIdBytes> device{};
  std::array<unsigned char, kNonceBytes> nonce{};
  bool locked_out = false;    // by failed logins
  bool of_directory = false;  // it can be unlocked, and nothing else
  OldSecrets secrets = kNoSecrets;
};
struct SetpwRemembered {
  OldSecrets opened = kNoSecrets;
};
struct SetpwRefused {
  RefusalReason reason = RefusalReason::kInternal;
};
struct SetpwProposed {
  std::array<unsigned char, kCommitmentBytes> commitment{};
};
struct SetpwRejected {
  RejectionReason reason = RejectionReason::kInternal;
  std::string detail;
};
struct SetpwCommitted {
  SettledSecrets settled = {};
};
struct SetpwFailed {
  FailureReason reason = FailureReason::kInternal;
};
struct SetpwAborted {};
// No connection, no answer in time, or an answer that breaks the protocol.
struct SetpwLost {};
using SetpwReply = std::variant<PendingList, PendingResolved, SetpwReady, SetpwRefused,
                                SetpwRemembered, SetpwProposed, SetpwRejected, SetpwCommitted,
                                SetpwFailed, SetpwAborted, SetpwLost>;

using FlowEvent = std::variant<Begun, Answered, ServiceReply, SetpwReply, Cancelled>;

// ---- out

struct Show {
  bool is_error = false;
  Text text;
};
// A QR code of this text, beside what was said in words already.
struct ShowCode {
  std::string content;
};
struct Ask {
  bool hidden = false;
  Text prompt;
};
struct Choose {
  Text text;
  std::vector<Text> labels;
};
// A machine wait: shows the text when it has one, and starts the host's deadline anew.
struct Wait {
  Text text;
};
struct Done {
  Outcome outcome = Outcome::kNotChanged;
  std::uint16_t answer = kNoAnswer;
  Text text;
};

struct LocalSet {
  std::string account;
  std::array<unsigned char, kDeviceIdBytes> device{};
  std::array<unsigned char, kNonceBytes> nonce{};
};

// One request to the service. The code and the new password are read from the engine.
struct ServiceCall {
  enum class Operation {
    kFeatures,
    kStart,
    kChallenge,
    kContinue,
    kAwaitApproval,  // whether the phone has answered
    kHandOff,
    kAwaitHandOff,  // whether the proofs were given on the phone
    kRules,
    kSubmit,
    kUnlock,
    kPoll,
    kTransaction,
  };
  Operation operation = Operation::kFeatures;
  int delay_seconds = 0;  // wait this long before
  std::string token = {};
  std::string username = {};                 // kStart
  bool unlock = false;                       // kStart: no new password
  ServiceFeatures features = {};             // kStart: what to announce
  std::optional<LocalSet> local_set = {};    // kStart
  std::string method_id = {};                // kChallenge; may be empty
  MethodKind kind = MethodKind::kEmailCode;  // kContinue
  std::optional<std::array<unsigned char, kCommitmentBytes>> commitment = {};  // kSubmit
  TransactionId transaction{};                                                 // kTransaction
};

// One request to sspr-setpw. The new password, or the old one, is read from the engine.
struct SetpwCall {
  enum class Operation {
    kListPending,
    kResolve,
    kPrepare,
    kRemember,
    kPropose,
    kCommit,
    kAbort,
    kUnlock
  };
  Operation operation = Operation::kListPending;
  std::string account = {};                // kPrepare
  bool or_directory = false;               // kPrepare: it may be an account of a directory
  TransactionId transaction{};             // kResolve, kPropose
  Verdict verdict = Verdict::kUnknown;     // kResolve
  std::optional<PermitBytes> permit = {};  // kResolve when succeeded, kCommit, kUnlock
};

// In the order in which they are to be done. A call is always the last one of a list, and at most
// one call is open at a time.
using FlowAction = std::variant<Show, ShowCode, Ask, Choose, Wait, Done, ServiceCall, SetpwCall>;
using FlowActions = std::vector<FlowAction>;

}  // namespace sspr
