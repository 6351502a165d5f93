// SPDX-License-Identifier: Apache-2.0
// The table from RefusalCode to error, suberror and number.
#include "service/api/answer.h"

#include <json/writer.h>

#include "service/api/reply_members.h"

namespace sspr::service {
namespace {

struct Words {
  const char* error;
  const char* suberror;  // empty: none
  int code;              // 0: none
  const char* description;
};

Words WordsFor(RefusalCode code, Area area) {
  switch (code) {
    case RefusalCode::kInvalidRequest:
      return {"invalid_request", "", 90100,
              "A parameter is missing or not valid, or this step is not due. Start again."};
    case RefusalCode::kUserNotFound:
      return {"user_not_found", "", 50034, "There is no such user. Check the user name."};
    case RefusalCode::kUnsupportedChallenge:
      return {"unsupported_challenge_type", "", 901007,
              "The challenge_type list must contain redirect."};
    case RefusalCode::kInvalidClient:
      return {"invalid_client", "", 0,
              "This client is not registered. Ask the administrator to register it."};
    case RefusalCode::kInvalidToken:
      return {area == Area::kSignIn ? "invalid_grant" : "invalid_request", "", 55200,
              "The continuation token is not valid. Start again."};
    case RefusalCode::kExpiredToken:
      return {"expired_token", "", 552003, "The continuation token has expired. Start again."};
    case RefusalCode::kWrongCode:
      return {"invalid_grant", "invalid_oob_value", 50181,
              "The code is wrong. Check it and enter it again."};
    case RefusalCode::kSecondGateRequired:
      return {"invalid_grant", "reset_mfa_required", 50076,
              "A second proof is required. Choose another method."};
    case RefusalCode::kMfaRequired:
      return {"invalid_grant", "mfa_required", 50076,
              "A second proof is required. Choose a method."};
    case RefusalCode::kRegistrationRequired:
      return {"invalid_grant", "registration_required", 50079,
              "A method for a second proof is required. Register one."};
    case RefusalCode::kRefreshRefused:
      return {"invalid_grant", "", 700082, "The refresh token is not valid any more. Sign in."};
    case RefusalCode::kBadTarget:
      return {"invalid_request", "", 901001,
              "The verification contact is not valid. Check the address or the number."};
    case RefusalCode::kWrongPassword:
      return {"invalid_grant", "", 50126, "The user name or the password is wrong."};
    case RefusalCode::kPasswordResetRequired:
      return {"invalid_request", "", 50142, "The password has to be reset first."};
    case RefusalCode::kTooManyAttempts:
      return {"access_denied", "too_many_attempts", 0,
              "Too many attempts failed. Wait, or ask your help desk."};
    case RefusalCode::kDeviceRequired:
      return {"invalid_client", "device_required", 0,
              "Passwords are reset from enrolled devices only. Ask your help desk to enrol this "
              "one."};
    case RefusalCode::kInvalidProof:
      return {"invalid_request", "invalid_dpop_proof", 0,
              "The proof of the device's key is missing or not valid. Start again."};
    case RefusalCode::kPasswordTooShort:
      return {"invalid_grant", "password_too_short", 0,
              "The new password is too short. Choose a longer one."};
    case RefusalCode::kPasswordTooLong:
      return {"invalid_grant", "password_too_long", 0,
              "The new password is too long. Choose a shorter one."};
    case RefusalCode::kPasswordTooWeak:
      return {"invalid_grant", "password_too_weak", 399246,
              "The new password is too weak. Choose another one."};
    case RefusalCode::kPasswordRecentlyUsed:
      return {"invalid_grant", "password_recently_used", 0,
              "The new password was used before. Choose another one."};
    case RefusalCode::kPasswordBanned:
      return {"invalid_grant", "password_banned", 0,
              "The new password is one that many people use. Choose another one."};
    case RefusalCode::kPasswordBreached:
      return {"invalid_grant", "password_banned", 0,
              "The new password is in a list of passwords that leaked elsewhere. Choose another "
              "one."};
    case RefusalCode::kPasswordTooYoung:
      return {"invalid_grant", "password_too_young", 0,
              "The password was changed too recently. Wait, or ask your help desk."};
    case RefusalCode::kPasswordInvalid:
      return {"invalid_grant", "password_is_invalid", 0,
              "The new password has characters that cannot be used. Choose another one."};
    case RefusalCode::kUnlockDisabled:
      return {"invalid_grant", "unlock_disabled", 0,
              "Accounts are not unlocked without a new password. Start a reset."};
    case RefusalCode::kAccountNotLocked:
      return {"invalid_grant", "account_not_locked", 0,
              "The account is not locked. Sign in, or start a reset."};
    case RefusalCode::kAuthorizationPending:
      return {"authorization_pending", "", 0, "The phone has not answered yet. Ask again."};
    case RefusalCode::kSlowDown:
      return {"slow_down", "", 0, "This is asked too often. Wait five seconds longer."};
    case RefusalCode::kApprovalDenied:
      return {"access_denied", "approval_denied", 0,
              "The phone said no, or the number was wrong. Choose another method."};
    case RefusalCode::kApprovalReported:
      return {"access_denied", "approval_reported", 0,
              "The reset was reported as not wanted. Ask your help desk."};
    case RefusalCode::kApprovalExpired:
      return {"expired_token", "approval_expired", 0,
              "The phone did not answer in time. Ask it again, or choose another method."};
    case RefusalCode::kInternal:
      return {"server_error", "", 0, "The service has a fault. Try again later."};
  }
  return {"server_error", "", 0, "The service has a fault. Try again later."};
}

}  // namespace

WireError ToWireError(const Refusal& refusal, Area area) {
  const Words words = WordsFor(refusal.code, area);
  WireError made{
      .error = words.error, .suberror = words.suberror, .description = words.description};
  if (words.code != 0) made.codes.push_back(words.code);
  if (!refusal.detail.empty()) made.description = refusal.detail;
  if (!refusal.continuation_token.empty()) {
    made.more["continuation_token"] = refusal.continuation_token;
  }
  if (!refusal.extended) return made;
  if (refusal.attempts_left) made.more["attempts_left"] = *refusal.attempts_left;
  if (refusal.retry_after_seconds) made.more["retry_after"] = *refusal.retry_after_seconds;
  if (refusal.gates) PutGates(*refusal.gates, made.more);
  return made;
}

WireError BadParameter(const std::string& name) {
  return {.error = "invalid_request",
          .codes = {90100},
          .description = "The " + name + " parameter is empty or not valid."};
}

std::string Write(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  builder["emitUTF8"] = true;
  return Json::writeString(builder, value);
}

Json::Value ErrorObject(const WireError& error, const RequestIds& ids) {
  Json::Value object = error.more;
  object["error"] = error.error;
  if (!error.suberror.empty()) object["suberror"] = error.suberror;
  object["error_description"] = error.description;
  object["error_codes"] = Json::Value(Json::arrayValue);
  for (const int code : error.codes) object["error_codes"].append(code);
  object["timestamp"] = ids.timestamp;
  object["trace_id"] = ids.trace;
  object["correlation_id"] = ids.correlation;
  return object;
}

}  // namespace sspr::service
