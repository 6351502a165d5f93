// SPDX-License-Identifier: Apache-2.0
// The error object, and the reading of whole answers by status, content type and members.
#include <algorithm>
#include <vector>

#include "common/protocol/gate_fields.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/replies.h"

namespace sspr {
namespace {

using Operation = ServiceCall::Operation;
using Next = Refused::Next;

constexpr std::size_t kMaxErrorWord = 128;
constexpr char kUseNonce[] = "use_dpop_nonce";
constexpr std::size_t kMaxCodes = 32;

// Microsoft's numbers, docs/protocol.md.
constexpr int kUserNotFound = 50034;
constexpr int kNoPassword = 500222;
constexpr int kTokenInvalid = 55200;
constexpr int kTokenExpired = 552003;

struct FaultWord {
  std::string_view word;
  PasswordFault fault;
};
constexpr FaultWord kPasswordFaults[] = {
    {"password_too_weak", PasswordFault::kTooWeak},
    {"password_too_short", PasswordFault::kTooShort},
    {"password_too_long", PasswordFault::kTooLong},
    {"password_recently_used", PasswordFault::kRecentlyUsed},
    {"password_banned", PasswordFault::kBanned},
    {"password_is_invalid", PasswordFault::kInvalid},
};

std::vector<int> CodesOf(JsonFields& fields) {
  std::vector<int> codes;
  const Json::Value* array = fields.OptionalArray("error_codes", kMaxCodes);
  if (array == nullptr) return codes;
  for (const Json::Value& code : *array) {
    if (code.isInt()) {
      codes.push_back(code.asInt());
    } else {
      fields.Fault("error_codes", "holds something else than whole numbers");
    }
  }
  return codes;
}

Next NextOf(std::string_view error, std::string_view suberror, const std::vector<int>& codes) {
  const auto has = [&](int code) { return std::ranges::find(codes, code) != codes.end(); };
  if (error == "user_not_found" || has(kUserNotFound) || has(kNoPassword)) {
    return Next::kNoSuchAccount;
  }
  if (error == "authorization_pending") return Next::kWait;
  if (error == "slow_down") return Next::kWaitLonger;
  if (suberror == "approval_denied") return Next::kPhoneSaidNo;
  if (suberror == "approval_reported") return Next::kPhoneReported;
  if (suberror == "approval_expired") return Next::kPhoneSilent;
  if (error == "expired_token" || has(kTokenInvalid) || has(kTokenExpired)) {
    return Next::kStartAgain;
  }
  if (error == "invalid_grant") {
    if (suberror == "invalid_oob_value") return Next::kTypeCodeAgain;
    if (suberror == "reset_mfa_required") return Next::kPassSecondGate;
    if (suberror == "account_not_locked") return Next::kNotLocked;
    if (suberror == "unlock_disabled") return Next::kUnlockDisabled;
    const bool password =
        std::ranges::find(kPasswordFaults, suberror, &FaultWord::word) != std::end(kPasswordFaults);
    return password ? Next::kOtherPassword : Next::kStartAgain;
  }
  if (error == "invalid_client" && suberror == "device_required") return Next::kEnrolDevice;
  if (error == "invalid_client" && suberror == "device_revoked") return Next::kDeviceRevoked;
  if (error == "access_denied" && suberror == "too_many_attempts") return Next::kComeBackLater;
  if (error == "unsupported_challenge_type") return Next::kUseAnotherWay;
  return Next::kAskAdministrator;
}

template <typename T>
ReadReply Accept(Result<T> parsed) {
  if (!parsed.ok()) return {ServiceFailure::kBadAnswer, parsed.error().detail};
  return {std::move(parsed).value(), ""};
}

ReadReply ReadSuccess(Operation operation, std::string_view body) {
  switch (operation) {
    case Operation::kFeatures:
      return Accept(ParseFeatures(body));
    case Operation::kStart:
      return Accept(ParseStarted(body));
    case Operation::kChallenge:
      return Accept(ParseChallenge(body));
    case Operation::kHandOff:
      return Accept(ParseHandOff(body));
    case Operation::kContinue:
    case Operation::kAwaitApproval:
    case Operation::kAwaitHandOff:
      return Accept(ParseContinued(body));
    case Operation::kRules:
      return Accept(ParseRules(body));
    case Operation::kSubmit:
    case Operation::kUnlock:
      return Accept(ParseSubmitted(body));
    case Operation::kPoll:
      return Accept(ParsePolled(body));
    case Operation::kTransaction:
      return Accept(ParseTransaction(body));
  }
  return {ServiceFailure::kInternal, ""};
}

// HTTP 200 {"challenge_type":"redirect"}: the server's way to say that policy needs what this
// client cannot do. Everything else that it may hold does not matter.
bool IsRedirect(std::string_view body) {
  const Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok() || !root->isMember("challenge_type")) return false;
  const Json::Value& type = (*root)["challenge_type"];
  return type.isString() && type.asString() == "redirect";
}

}  // namespace

Result<ErrorReply> ParseError(std::string_view body) {
  Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  ErrorReply reply;
  const std::string error = fields.String("error", kMaxErrorWord);
  const std::string suberror =
      fields.OptionalString("suberror", kMaxErrorWord).value_or(std::string());
  const std::vector<int> codes = CodesOf(fields);
  reply.words = error + "/" + suberror;
  reply.server_fault = error == "server_error" || error == "temporarily_unavailable";
  reply.refused.next = NextOf(error, suberror, codes);
  reply.refused.attempts_left = fields.OptionalNumber("attempts_left", 0, kMostAttempts);
  reply.refused.retry_seconds = fields.OptionalNumber("retry_after", 0, kLongestRetrySeconds);
  if (fields.Has("continuation_token")) reply.refused.token = TokenField(fields);
  if (reply.refused.next == Next::kPassSecondGate) reply.refused.gates = GateFields(fields);
  const auto fault = std::ranges::find(kPasswordFaults, suberror, &FaultWord::word);
  if (fault != std::end(kPasswordFaults)) reply.refused.fault = fault->fault;
  if (!fields.sound()) return fields.error();
  return reply;
}

bool AsksForNonce(const RawReply& raw) {
  if ((raw.status != 400 && raw.status != 401) || raw.content_type != "application/json") {
    return false;
  }
  const Result<Json::Value> root = ParseStrictJson(raw.body);
  return root.ok() && (*root)["error"].isString() && (*root)["error"].asString() == kUseNonce;
}

ReadReply Read(Operation operation, const RawReply& raw) {
  const std::string status = "HTTP " + std::to_string(raw.status);
  const bool json = raw.content_type == "application/json";
  if (operation == Operation::kFeatures && raw.status == 404) return {ServiceFeatures{}, ""};
  if (raw.status == 429) {
    Refused refused;
    refused.next = Next::kComeBackLater;
    return {refused, status};
  }
  if (raw.status == 511 || (raw.status >= 300 && raw.status < 400) ||
      (raw.status == 200 && raw.content_type == "text/html")) {
    return {ServiceFailure::kSignInPage, status + " " + std::string(raw.content_type)};
  }
  if (raw.status >= 500) return {ServiceFailure::kOutOfOrder, status};
  if (!json || (raw.status != 200 && raw.status != 400)) {
    return {ServiceFailure::kBadAnswer, status + " of a wrong type"};
  }
  if (raw.status == 400) {
    Result<ErrorReply> error = ParseError(raw.body);
    if (!error.ok()) return {ServiceFailure::kBadAnswer, status + " " + error.error().detail};
    if (error->server_fault) return {ServiceFailure::kOutOfOrder, error->words};
    return {std::move(error->refused), error->words};
  }
  if (IsRedirect(raw.body)) {
    Refused refused;
    refused.next = Next::kUseAnotherWay;
    return {refused, "redirect"};
  }
  return ReadSuccess(operation, raw.body);
}

}  // namespace sspr
