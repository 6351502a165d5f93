// SPDX-License-Identifier: Apache-2.0
// What the service says, as values: what the flow engine decides on. common/protocol makes them of
// JSON and has checked types, ranges and sizes before; docs/protocol.md says what the words mean.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/setpw_frames.h"

namespace sspr {

using TransactionId = std::array<unsigned char, kTransactionIdBytes>;
using PermitBytes = std::array<unsigned char, kPermitBytes>;

inline constexpr std::size_t kMaxMethods = 9;
inline constexpr int kMaxCodeLength = 12;
inline constexpr int kMaxGates = 4;
inline constexpr int kLongestPollSeconds = 15;
inline constexpr int kLongestResendSeconds = 900;
inline constexpr int kMostAttempts = 100;
inline constexpr int kLongestRetrySeconds = 7 * 24 * 3600;

// What the server can do beyond plain V1. All false: a plain V1 server.
struct ServiceFeatures {
  bool method_lists = false;   // reset_introspect
  bool second_gate = false;    // reset_mfa_required
  bool final_submit = false;   // reset_final_submit
  bool authenticator = false;  // challenge type totp
  bool signs_permits = false;  // it has a key for permits
  bool push = false;           // push: a number to be typed on a phone
  bool hand_off = false;       // handoff: the proofs may be given on a phone
  bool unlock = false;         // an account may be opened without a new password
  // reset_unlock_permit: whose password is set in the directory alone is unlocked at the machine
  bool unlock_permits = false;
};

enum class MethodKind { kEmailCode, kAuthenticatorCode, kApproval };

struct Method {
  std::string id;
  MethodKind kind = MethodKind::kEmailCode;
  std::string hint;  // masked by the service; for display, filtered
  bool is_default = false;
};

struct GateList {
  std::vector<Method> methods;  // usable now
  int required = 1;             // 0..kMaxGates
  int completed = 0;            // 0..kMaxGates
};

struct Challenge {
  std::string token;
  std::string method_id;  // empty on a plain V1 server
  MethodKind kind = MethodKind::kEmailCode;
  std::string label;        // masked address; for display, filtered
  int code_length = 0;      // 1..kMaxCodeLength; 0: any
  int resend_seconds = 0;   // 0..kLongestResendSeconds
  std::string number = {};  // kApproval: 2 to 6 digits, to be typed on the phone
  int poll_seconds = 0;     // kApproval: 1..kLongestPollSeconds
};

// Where a person goes on with a phone, and how long to wait between two questions whether they did.
struct HandOffOffer {
  std::string token;
  std::string user_code;       // letters and hyphens
  std::string uri;             // https://…, short
  int poll_seconds = 1;        // 1..kLongestPollSeconds
  std::string whole_uri = {};  // the same page with the code in it; may be empty
};

struct Started {
  std::string token;
  std::optional<GateList> gates;  // absent on a plain V1 server
  std::optional<TransactionId> transaction;
  bool resumed = false;
  std::optional<Challenge> live_challenge;  // its token is empty: use this answer's
};

// Lengths are at least 0 and max_length is not below min_length.
struct PasswordRules {
  int min_length = 8;    // code points
  int max_length = 256;  // code points
  int max_bytes = 511;   // UTF-8
  int min_kinds = 0;     // of lower case, upper case, digits, others: 0..4
  std::vector<std::string> forbidden_parts;
};

struct Continued {
  std::string token;
  std::optional<PasswordRules> rules;  // absent on a plain V1 server
};

enum class SetState { kNone, kInProgress, kSucceeded, kFailed };

struct Submitted {
  std::string token;
  std::optional<SetState> state;  // kInProgress or kSucceeded; absent on a plain V1 server
  int poll_seconds = 1;           // 1..kLongestPollSeconds
  std::optional<PermitBytes> permit;
};

struct Polled {
  SetState state = SetState::kInProgress;  // never kNone
  std::optional<PermitBytes> permit;
};

struct TransactionState {
  SetState state = SetState::kNone;
  std::optional<PermitBytes> permit;
};

enum class PasswordFault { kTooWeak, kTooShort, kTooLong, kRecentlyUsed, kBanned, kInvalid };

// A well-formed refusal (HTTP 400 with the error object, or a redirect): what is to be done next.
struct Refused {
  enum class Next {
    kTypeCodeAgain,     // the code was wrong
    kWait,              // the phone has not answered yet
    kWaitLonger,        // it was asked too often whether it has
    kPhoneSaidNo,       // the flow goes on in another way
    kPhoneReported,     // "that was not me": the flow is over
    kPhoneSilent,       // it did not answer in time; the flow goes on
    kPassSecondGate,    // the code was right, one more proof is due
    kNotLocked,         // there is nothing to unlock
    kUnlockDisabled,    // only a new password unlocks
    kOtherPassword,     // the new password breaks a rule
    kStartAgain,        // token or flow is too old, unknown, or of another step
    kComeBackLater,     // too many attempts
    kUseAnotherWay,     // this client cannot do what the policy needs (redirect)
    kNoSuchAccount,     // user_not_found, or an account without password
    kEnrolDevice,       // the service answers enrolled devices only
    kDeviceRevoked,     // this device was enrolled, and no longer is
    kAskAdministrator,  // the service does not accept this client or this request
  };
  Next next = Next::kAskAdministrator;
  PasswordFault fault = PasswordFault::kTooWeak;  // with kOtherPassword
  std::string token;                              // empty: keep the old one
  std::optional<int> attempts_left;               // 0..kMostAttempts
  std::optional<int> retry_seconds;               // 0..kLongestRetrySeconds
  std::optional<GateList> gates;                  // with kPassSecondGate
};

// No well-formed answer. What the service did is not known.
enum class ServiceFailure {
  kUnreachable,
  kTimedOut,
  kCertificate,      // the server could not prove that it is ours
  kCertificateTime,  // its certificate is not valid at this computer's time
  kSignInPage,       // HTML or a redirect: a network that wants a sign-in first
  kBadAnswer,        // broke the protocol
  kOutOfOrder,       // HTTP 5xx: the service says of itself that it cannot
  kInternal,
};

using ServiceReply =
    std::variant<ServiceFeatures, Started, Challenge, HandOffOffer, Continued, PasswordRules,
                 Submitted, Polled, TransactionState, Refused, ServiceFailure>;

}  // namespace sspr
