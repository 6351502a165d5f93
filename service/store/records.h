// SPDX-License-Identifier: Apache-2.0
// The rows that the service keeps. Identifiers, digests, nonces and transaction ids are lower-case
// hexadecimal text; times are Unix seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "service/flow_service.h"
#include "service/methods/totp_form.h"

namespace sspr::service {

struct UserRecord {
  std::string id;
  std::string username;  // canonical
  std::string display_name;
  std::string local_account;
  std::string language;
  bool enabled = true;
  std::string password_hash;             // encoded Argon2id; empty: has no password
  std::int64_t password_generation = 0;  // grows with each password
  UnixSeconds password_changed_at = 0;
  UnixSeconds created_at = 0;
  std::vector<std::string> groups = {};  // names without spaces
  UnixSeconds methods_confirmed_at = 0;  // when the person last said that the methods are right
};

// Each question and each recovery code is a record of its own.
struct MethodRecord {
  std::string id;
  std::string user_id;
  MethodKind kind = MethodKind::kEmailCode;
  std::string address;         // e-mail, sms, voice: where codes go
  std::string sealed_secret;   // authenticator
  std::int64_t last_step = 0;  // authenticator: the newest time step that was accepted
  UnixSeconds added_at = 0;
  std::string secret_hash = {};  // questions, recovery code, temporary pass: see SealHash
  std::string detail = {};       // question: its text; recovery code: keyed digest that finds it
  UnixSeconds expires_at = 0;    // temporary pass; 0: never
  TotpForm totp = {};            // authenticator
  UnixSeconds usable_from = 0;   // registered by the person: for a reset, not before
  bool preferred = false;        // asked for first
};

// One change of one setting. Versions count up from 1.
struct PolicyChangeRecord {
  std::int64_t version = 0;
  UnixSeconds at = 0;
  std::string name;
  std::string old_value;  // empty: the default
  std::string new_value;
};

struct ClientRecord {
  std::string client_id;
  bool concealment = true;
  std::string secret_digest = {};  // SHA-256 of the secret of a client that reports risks; or empty
};

struct RefreshTokenRecord {
  std::string digest;  // SHA-256 of the token
  std::string family;  // of all that follow from one sign-in
  std::string user_id;
  std::string client_id;
  std::string scope;
  std::int64_t password_generation = 0;
  UnixSeconds expires_at = 0;
};

// Graph's riskState.
enum class RiskState { kNone = 0, kAtRisk = 1, kRemediated = 2, kDismissed = 3 };

struct RiskRecord {
  std::string user_id;
  RiskLevel level = RiskLevel::kNone;
  RiskState state = RiskState::kNone;
  std::string detail;
  UnixSeconds changed_at = 0;
};

enum class FlowPurpose { kReset = 0, kSignIn = 1 };

enum class FlowState {
  kProving = 0,    // gates under way
  kProved = 1,     // all gates passed: a password may be submitted
  kSubmitted = 2,  // a transaction was begun
  kSignIn = 3,     // sign-in with a password
  kClosed = 4,
  kSecondFactor =
      5,  // the password was right, or the reset is over: one more proof, or a new method
};

// The open challenge of a flow. A resent code is another challenge.
struct ChallengeRecord {
  std::string id;
  std::string method_id;
  MethodKind kind = MethodKind::kEmailCode;
  std::string code_digest;  // keyed, of a code that was sent; empty for all other kinds
  int code_length = 0;
  UnixSeconds expires_at = 0;
  int attempts = 0;
};

struct FlowRecord {
  std::string id;
  std::int64_t version = 0;
  FlowPurpose purpose = FlowPurpose::kReset;
  FlowState state = FlowState::kProving;
  Operation operation = Operation::kReset;
  std::string client_id;
  std::string subject;  // keyed digest of the name, for users that exist and for others
  std::string user_id;  // empty: nobody; everything else is as for a user
  std::int64_t password_generation = 0;  // of the user when the flow began
  Capabilities capabilities;
  int completed_gates = 0;
  std::vector<MethodKind> passed_kinds;
  std::vector<std::string> passed_methods;
  UnixSeconds proved_at = 0;
  int submits = 0;
  std::optional<LocalSet> local_set;  // raw bytes
  std::string resume_digest;
  std::string transaction_id;
  UnixSeconds created_at = 0;
  UnixSeconds last_seen = 0;
  std::string proof_key;  // of every request of this flow: hexadecimal thumbprint; empty: none
  std::string device_id;  // the enrolled device that has this key; empty: none
  std::optional<ChallengeRecord> challenge;
};

// What a continuation token may be used for.
enum class TokenKind {
  kMethods = 0,         // from /start, or after the first of two gates
  kCode = 1,            // from /challenge
  kPassword = 2,        // from /continue
  kPoll = 3,            // from /submit
  kSignInStart = 4,     // from /initiate
  kSignInPassword = 5,  // from the sign-in's /challenge
  kFinished = 6,        // from the poll that said "succeeded"
  kSecondFactor = 7,    // with "mfa_required" or "registration_required"
  kFactorCode = 8,      // from the challenge of a second factor
  kNewMethodCode = 9,   // from the challenge of a new method
  kRegistered = 10,     // the new method is proved: good for a sign-in
  kHandOff = 11,        // from /handoff
};

struct TokenRecord {
  std::string digest;  // SHA-256 of the token
  std::string flow_id;
  TokenKind kind = TokenKind::kMethods;
  int gates = 0;  // completed when it was issued
};

struct TransactionRecord {
  std::string id;
  TransactionStatus status = TransactionStatus::kPending;
  Operation operation = Operation::kReset;
  std::string client_id;
  std::string flow_id;
  std::string subject;
  std::string user_id;
  std::optional<LocalSet> local_set;  // raw bytes
  std::string commitment;             // raw bytes
  UnixSeconds changed_at = 0;
  std::string device_id = {};  // of the flow: the enrolled device that asked
};

// At most `max` events of a bucket in any `window`. With off: once there were that many, none is
// allowed until `off` seconds after the last one.
struct LimitRule {
  std::string bucket;
  int max = 0;
  int window_seconds = 0;
  int off_seconds = 0;
};

struct LimitVerdict {
  bool allowed = false;
  int retry_after_seconds = 0;  // when not allowed
  std::string reservation;      // when allowed
};

}  // namespace sspr::service
