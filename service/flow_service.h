// SPDX-License-Identifier: Apache-2.0
// The transaction engine of the service: reset flows and sign-in flows as calls with values in and
// values out. Knows no HTTP and no JSON; service/api/ turns requests into these calls and the
// answers into V1 JSON. Keeps nothing between calls but what is in the FlowStore. Safe to call from
// several threads at once; calls block (database, password hash), so they run on worker threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/secret.h"
#include "service/risk_level.h"

namespace sspr::service {

// What the HTTP side knows of a caller.
struct Caller {
  std::string client_id;
  std::string address;         // numeric peer address, for limits and the audit
  std::string correlation_id;  // GUID of the request
  // The key that the request was proved with (hexadecimal thumbprint), and the enrolled device that
  // has it; empty: none.
  std::string proof_key = {};
  std::string device_id = {};
};

// Why a request was refused; service/api/ maps it to Microsoft's words and numbers.
enum class RefusalCode {
  kInvalidRequest,         // a parameter is missing or malformed, or the token is of another step
  kUserNotFound,           // only where concealment is switched off for the client
  kUnsupportedChallenge,   // challenge_type lacks "redirect" or names nothing we know
  kInvalidClient,          // client_id is not registered
  kInvalidToken,           // continuation token unknown or foreign (55200)
  kExpiredToken,           // 552003
  kWrongCode,              // invalid_grant / invalid_oob_value
  kSecondGateRequired,     // invalid_grant / reset_mfa_required
  kMfaRequired,            // sign-in: invalid_grant / mfa_required
  kRegistrationRequired,   // sign-in: invalid_grant / registration_required
  kWrongPassword,          // sign-in: invalid_grant 50126
  kPasswordResetRequired,  // sign-in: invalid_request 50142
  kRefreshRefused,         // invalid_grant: the refresh token is used up, too old or foreign
  kBadTarget,              // registration: invalid_request 901001
  kTooManyAttempts,        // access_denied / too_many_attempts
  kDeviceRequired,         // invalid_client / device_required
  kInvalidProof,           // invalid_request / invalid_dpop_proof: the flow is bound to another key
  kPasswordTooShort,
  kPasswordTooLong,
  kPasswordTooWeak,
  kPasswordRecentlyUsed,
  kPasswordBanned,
  kPasswordBreached,
  kPasswordTooYoung,  // the last change is too recent for another
  kPasswordInvalid,
  kUnlockDisabled,    // the policy has no unlock without a reset
  kAccountNotLocked,  // there is nothing to unlock; said only behind the gates
  kInternal,          // server_error
  // To clients that announced "push" or "handoff" alone.
  kAuthorizationPending,  // the phone has not answered yet: authorization_pending
  kSlowDown,              // polled too fast: slow_down
  kApprovalDenied,        // access_denied / approval_denied
  kApprovalReported,      // access_denied / approval_reported; the flow is over
  kApprovalExpired,       // expired_token / approval_expired; with a token the flow goes on
};

// How a person proves who they are. The numbers are kept in the database.
// service/methods/method_kind.h has what is true of each.
enum class MethodKind {
  kEmailCode = 0,
  kAuthenticatorCode = 1,
  kSmsCode = 2,
  kVoiceCode = 3,
  kQuestions = 4,
  kRecoveryCode = 5,
  kTemporaryPass = 6,
  kApproval = 7,  // on a phone that was enrolled, by the number on the login screen
  kPasskey = 8,   // only on the portal's pages
};

// What the gates are passed for.
enum class Operation { kReset = 0, kUnlock = 1 };

struct MethodOffer {
  std::string id;
  MethodKind kind;
  std::string hint;  // masked
  bool is_default;
};

struct GateState {
  std::vector<MethodOffer> methods;  // usable now
  int required = 1;
  int completed = 0;
};

struct Refusal {
  RefusalCode code;
  std::string detail;  // for the log and error_description; says nothing about the account
  std::string continuation_token = {};
  std::optional<int> attempts_left = {};
  std::optional<int> retry_after_seconds = {};
  std::optional<GateState> gates = {};  // with kSecondGateRequired
  bool extended = false;  // the flow's client announced the extension: its members may be sent
};

// "Your client cannot do what the policy needs": HTTP 200, challenge_type redirect.
struct Redirect {
  std::string reason;
};

template <typename T>
using Reply = std::variant<T, Redirect, Refusal>;

struct Capabilities {
  bool introspect = false;
  bool two_gates = false;
  bool final_submit = false;
  // What challenge_type contains beside "oob".
  bool totp = false;
  bool questions = false;
  bool recovery_code = false;
  bool temporary_pass = false;  // "tap"
  bool push = false;            // the capability "push"
  bool hand_off = false;        // the capability "handoff"
  bool passkey = false;         // never announced by a client: of the portal's pages alone
  // Microsoft's words for what may follow a password at sign-in.
  bool mfa = false;           // "mfa_required"
  bool registration = false;  // "registration_required"
  // Of our own portal: a sign-in asks for a second proof whenever the person has one, a pass of the
  // help desk included, and is at the account's full strength therefore.
  bool full_strength = false;
};

struct LocalSet {
  std::string account;
  std::string device_id;  // 32 bytes
  std::string nonce;      // 32 bytes
};

struct StartRequest {
  std::string username;
  Capabilities capabilities;
  std::optional<LocalSet> local_set;
  std::string resume_key;  // 32 bytes, or empty
  Operation operation = Operation::kReset;
};

struct Question {
  std::string id;
  std::string text;
};

struct ChallengeReply {
  std::string continuation_token;
  std::string method_id;
  MethodKind kind;
  std::string target_label;
  int code_length;  // characters; 0 for questions
  int resend_interval_seconds;
  std::vector<Question> questions = {};  // in the order in which the answers are expected
  std::string display_code = {};         // of an approval: the number to be typed on the phone
  int expires_in_seconds = 0;            // of an approval
  std::string passkey_challenge = {};    // of a passkey: 32 bytes, for the portal's page
};

struct StartReply {
  std::string continuation_token;
  GateState gates;
  std::string transaction_id;  // 16 bytes
  bool resumed = false;
  std::optional<ChallengeReply> live_challenge;  // of a resumed flow
};

struct PasswordPolicyReply {
  int min_length;   // code points
  int max_length;   // code points
  int max_bytes;    // UTF-8
  int min_classes;  // 0 to 4
  std::vector<std::string> forbid_contains;
};

struct IntrospectReply {
  std::string continuation_token;
  GateState gates;
};

struct ContinueReply {
  std::string continuation_token;
  int expires_in_seconds;
  PasswordPolicyReply policy;
  bool extended = false;  // the flow's client announced the extension: its members may be sent
};

// What navigator.credentials.get() gives, as bytes.
struct PasskeyAssertion {
  std::string credential_id;
  std::string client_data;  // JSON
  std::string authenticator_data;
  std::string signature;
};

// A code with which a person goes on at the portal, on a phone.
struct HandOffReply {
  std::string continuation_token;
  std::string user_code;  // "BCDF-GHJK"
  int expires_in_seconds;
  int interval_seconds;  // between two polls
};

enum class TransactionStatus { kNone, kPending, kSucceeded, kFailed };

struct SubmitReply {
  std::string continuation_token;
  TransactionStatus status;
  int poll_interval_seconds;
  std::string permit;     // 256 bytes, or empty
  bool extended = false;  // the flow's client announced the extension: its members may be sent
};

struct TransactionReply {
  TransactionStatus status;
  std::string permit;  // 256 bytes, or empty
};

struct SignInReply {
  std::string continuation_token;
};

// Who signed in; service/api/ makes the tokens of it.
struct SignedIn {
  std::string user_id;
  std::string username;
  std::string display_name;
};

// A refresh token was redeemed: who, for what, and the next one.
struct Refreshed {
  SignedIn who;
  std::string scope;
  std::string refresh_token;
};

// The methods that a person may register on the way in, as channels.
struct RegistrationReply {
  std::string continuation_token;
  std::vector<MethodKind> kinds;  // kEmailCode, kSmsCode
};

struct RiskReport {
  std::string username;
  RiskLevel level = RiskLevel::kNone;
  std::string detail;  // one line for the audit
  // Of the signal, where the reporter knows them: one id is taken once, and what happened before
  // the last change of the user's risk changes nothing.
  std::string report_id = {};
  std::int64_t occurred_at = 0;  // Unix seconds; 0: now
};

struct RiskReply {
  RiskLevel level = RiskLevel::kNone;
};

class FlowService {
 public:
  FlowService() = default;
  FlowService(const FlowService&) = delete;
  FlowService& operator=(const FlowService&) = delete;
  virtual ~FlowService() = default;

  virtual Reply<StartReply> Start(const Caller& caller, const StartRequest& request) = 0;
  virtual Reply<IntrospectReply> Introspect(const Caller& caller, std::string_view token) = 0;
  // method_id empty: the default one. Sends the code of an out-of-band method; again means resend.
  virtual Reply<ChallengeReply> Challenge(const Caller& caller, std::string_view token,
                                          std::string_view method_id) = 0;
  // kind is the grant that the client named; it must be that of the open challenge.
  virtual Reply<ContinueReply> Continue(const Caller& caller, std::string_view token,
                                        MethodKind kind, const Secret& code) = 0;
  // The answers to the questions of the open challenge, in their order; one verdict for all.
  virtual Reply<ContinueReply> ContinueWithAnswers(const Caller& caller, std::string_view token,
                                                   std::span<const Secret> answers) = 0;
  // Whether the phone has answered the open challenge of kind kApproval.
  virtual Reply<ContinueReply> PollApproval(const Caller& caller, std::string_view token) = 0;
  // For the portal's pages: no endpoint of the protocol takes a passkey.
  virtual Reply<ContinueReply> ContinueWithPasskey(const Caller& caller, std::string_view token,
                                                   const PasskeyAssertion& assertion) = 0;
  // Lets the gates be passed on a phone; asked again it makes another code and voids the one
  // before.
  virtual Reply<HandOffReply> HandOff(const Caller& caller, std::string_view token) = 0;
  // Whether they were passed there.
  virtual Reply<ContinueReply> PollHandOff(const Caller& caller, std::string_view token) = 0;
  // token may be empty: the default policy.
  virtual Reply<PasswordPolicyReply> Policy(const Caller& caller, std::string_view token) = 0;
  // commitment: 32 bytes, required when the flow has a local set, else empty.
  virtual Reply<SubmitReply> Submit(const Caller& caller, std::string_view token,
                                    const Secret& new_password, std::string_view commitment) = 0;
  // The end of a flow that was started to unlock: forgets what locks the account, sets no password.
  virtual Reply<SubmitReply> Unlock(const Caller& caller, std::string_view token) = 0;
  virtual Reply<SubmitReply> Poll(const Caller& caller, std::string_view token) = 0;
  virtual Reply<TransactionReply> Transaction(const Caller& caller,
                                              std::string_view transaction_id) = 0;

  virtual Reply<SignInReply> SignInInitiate(const Caller& caller, std::string_view username,
                                            const Capabilities& capabilities) = 0;
  virtual Reply<SignInReply> SignInChallenge(const Caller& caller, std::string_view token) = 0;
  virtual Reply<SignedIn> SignInWithPassword(const Caller& caller, std::string_view token,
                                             const Secret& password) = 0;
  // The token of a finished reset; works once.
  virtual Reply<SignedIn> SignInWithContinuation(const Caller& caller, std::string_view token,
                                                 std::string_view username) = 0;

  // Behind kMfaRequired: the methods, a code of one of them, and the code's judgement.
  virtual Reply<IntrospectReply> SecondFactorMethods(const Caller& caller,
                                                     std::string_view token) = 0;
  virtual Reply<ChallengeReply> SecondFactorChallenge(const Caller& caller, std::string_view token,
                                                      std::string_view method_id) = 0;
  virtual Reply<SignedIn> SignInWithSecondFactor(const Caller& caller, std::string_view token,
                                                 MethodKind kind, const Secret& code) = 0;

  // Behind kRegistrationRequired: what may be registered, a code to the new address, and its
  // judgement; the token goes to SignInWithContinuation.
  virtual Reply<RegistrationReply> Registrable(const Caller& caller, std::string_view token) = 0;
  virtual Reply<ChallengeReply> RegistrationChallenge(const Caller& caller, std::string_view token,
                                                      MethodKind kind, std::string_view target) = 0;
  virtual Reply<SignInReply> Register(const Caller& caller, std::string_view token,
                                      const Secret& code) = 0;

  // Good for one use; ends with the user's password, and with its whole family when it is used
  // twice.
  virtual Reply<std::string> IssueRefreshToken(const Caller& caller, const SignedIn& who,
                                               std::string_view scope) = 0;
  virtual Reply<Refreshed> RedeemRefreshToken(const Caller& caller, const Secret& token) = 0;

  // By a client that has a secret. What is reported of an unknown user is accepted and forgotten.
  virtual Reply<RiskReply> ReportRisk(const Caller& caller, const Secret& client_secret,
                                      const RiskReport& report) = 0;
};

}  // namespace sspr::service
