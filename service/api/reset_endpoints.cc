// SPDX-License-Identifier: Apache-2.0
// The endpoints of a reset.
#include "service/api/reset_endpoints.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "common/base/setpw_frames.h"
#include "common/permit/fixed_bytes.h"
#include "common/protocol/wire.h"
#include "service/api/local_set.h"
#include "service/api/reply_members.h"
#include "service/api/wire_text.h"

namespace sspr::service {
namespace {

constexpr std::size_t kResumeKeyBytes = 32;
// MSAL for iOS and Android take nothing outside of these for what it is.
constexpr int kShortestPoll = 1;
constexpr int kLongestPoll = 15;
constexpr int kLongestTokenLife = 600;

Json::Value StartMembers(const StartReply& reply, bool extended) {
  Json::Value object(Json::objectValue);
  object["continuation_token"] = reply.continuation_token;
  if (!extended) return object;
  PutGates(reply.gates, object);
  object["transaction_id"] = ToHex(reply.transaction_id);
  object["resumed"] = reply.resumed;
  if (reply.live_challenge) {
    object["challenge"] = ChallengeMembers(*reply.live_challenge);
    object["challenge"]["id"] = reply.live_challenge->method_id;
  }
  return object;
}

// The token, where the step needs one.
std::string_view Token(const Call& call) { return call.form.Find("continuation_token"); }

struct CodeGrant {
  std::string_view word;
  MethodKind kind;  // of the codes that are sent, any one
};
constexpr CodeGrant kCodeGrants[] = {
    {wire::kTypeOob, MethodKind::kEmailCode},
    {wire::kTypeTotp, MethodKind::kAuthenticatorCode},
    {wire::kTypeRecoveryCode, MethodKind::kRecoveryCode},
    {wire::kTypeTemporaryPass, MethodKind::kTemporaryPass},
};
constexpr const char* kAnswerNames[] = {"answer_1", "answer_2", "answer_3", "answer_4", "answer_5"};

Answer ContinueAnswer(Reply<ContinueReply> reply) {
  return AnswerFrom(std::move(reply), Area::kReset, [](const ContinueReply& value) {
    Json::Value object(Json::objectValue);
    object["continuation_token"] = value.continuation_token;
    object["expires_in"] = std::clamp(value.expires_in_seconds, 1, kLongestTokenLife);
    if (value.extended) object["policy"] = PolicyMembers(value.policy);
    return object;
  });
}

// answer_1 and so on, without a gap.
Answer ContinueWithAnswers(Call& call) {
  std::vector<Secret> answers;
  for (const char* const name : kAnswerNames) {
    const Form::SecretField& field = call.form.FindSecret(name);
    if (field.state == Form::SecretState::kAbsent) break;
    std::optional<Secret> copy = Secret::CopyOf(field.value.Reveal());
    if (field.state == Form::SecretState::kTooLong || !copy) return BadParameter(name);
    answers.push_back(std::move(*copy));
  }
  if (answers.empty()) return BadParameter("answer_1");
  return ContinueAnswer(call.engine.ContinueWithAnswers(call.caller, Token(call), answers));
}

Answer SubmitAnswer(Reply<SubmitReply> reply) {
  return AnswerFrom(std::move(reply), Area::kReset, [](const SubmitReply& value) {
    Json::Value object(Json::objectValue);
    object["continuation_token"] = value.continuation_token;
    object["poll_interval"] = std::clamp(value.poll_interval_seconds, kShortestPoll, kLongestPoll);
    if (!value.extended) return object;
    object["status"] = StatusWord(value.status);
    if (!value.permit.empty()) object["permit"] = Base64UrlEncode(value.permit);
    return object;
  });
}

}  // namespace

Answer StartReset(Call& call) {
  StartRequest request;
  request.username = call.form.Find("username");
  if (request.username.empty()) return BadParameter("username");
  auto types = ReadChallengeTypes(call.form.Find("challenge_type"));
  if (WireError* const error = std::get_if<WireError>(&types)) return std::move(*error);
  const ChallengeTypes& can = *std::get_if<ChallengeTypes>(&types);
  if (!can.oob && !can.totp && !can.recovery_code && !can.temporary_pass) {
    return Redirect{"This client can ask for no code."};
  }
  request.capabilities = ReadCapabilities(call.form, can);

  const std::string_view operation = call.form.Find("operation");
  if (operation == wire::kOperationUnlock) {
    request.operation = Operation::kUnlock;
  } else if (!operation.empty() && operation != wire::kOperationReset) {
    return BadParameter("operation");
  }
  const std::string_view local_set = call.form.Find("local_set");
  if (!local_set.empty()) {
    auto read = ReadLocalSet(local_set);
    if (!read) return BadParameter("local_set");
    request.local_set = std::move(*read);
  }
  const std::string_view resume_key = call.form.Find("resume_key");
  if (!resume_key.empty()) {
    const auto key = Base64UrlDecode(resume_key, kResumeKeyBytes);
    if (!key) return BadParameter("resume_key");
    request.resume_key = *key;
  }
  return AnswerFrom(call.engine.Start(call.caller, request), Area::kReset,
                    [&request](const StartReply& reply) {
                      return StartMembers(reply, request.capabilities.introspect);
                    });
}

Answer IntrospectReset(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  return AnswerFrom(call.engine.Introspect(call.caller, Token(call)), Area::kReset,
                    [](const IntrospectReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      PutGates(reply.gates, object);
                      return object;
                    });
}

Answer ChallengeReset(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  if (auto error = CheckChallengeTypes(call.form)) return *error;
  return AnswerFrom(call.engine.Challenge(call.caller, Token(call), call.form.Find("id")),
                    Area::kReset,
                    [](const ChallengeReply& reply) { return ChallengeMembers(reply); });
}

Answer ContinueReset(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  const std::string_view grant = call.form.Find("grant_type");
  if (grant == wire::kTypeQuestions) return ContinueWithAnswers(call);
  if (grant == wire::kGrantDeviceCode) {
    return ContinueAnswer(call.engine.PollHandOff(call.caller, Token(call)));
  }
  const auto* const found = std::ranges::find(kCodeGrants, grant, &CodeGrant::word);
  if (found == std::end(kCodeGrants)) return BadParameter("grant_type");
  const Form::SecretField& code = call.form.FindSecret("oob");
  // Nothing was typed: the client asks whether a phone has answered.
  if (grant == wire::kTypeOob && code.state == Form::SecretState::kAbsent) {
    return ContinueAnswer(call.engine.PollApproval(call.caller, Token(call)));
  }
  if (code.state != Form::SecretState::kFits) return BadParameter("oob");
  return ContinueAnswer(call.engine.Continue(call.caller, Token(call), found->kind, code.value));
}

Answer OfferHandOff(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  return AnswerFrom(call.engine.HandOff(call.caller, Token(call)), Area::kReset,
                    [&call](const HandOffReply& reply) {
                      const std::string page = call.public_url + "/portal/go";
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      object["user_code"] = reply.user_code;
                      object["verification_uri"] = page;
                      // The code is behind the "#", so that it is in no log on the way.
                      object["verification_uri_complete"] = page + "#" + reply.user_code;
                      object["expires_in"] = reply.expires_in_seconds;
                      object["interval"] = reply.interval_seconds;
                      return object;
                    });
}

Answer SubmitPassword(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  const Form::SecretField& password = call.form.FindSecret("new_password");
  switch (password.state) {
    case Form::SecretState::kAbsent:
      return BadParameter("new_password");
    case Form::SecretState::kTooLong:
      return ToWireError({.code = RefusalCode::kPasswordTooLong, .detail = {}}, Area::kReset);
    case Form::SecretState::kFits:
      break;
  }
  std::string commitment;
  const std::string_view given = call.form.Find("password_commitment");
  if (!given.empty()) {
    const auto bytes = Base64UrlDecode(given, kCommitmentBytes);
    if (!bytes) return BadParameter("password_commitment");
    commitment = *bytes;
  }
  return SubmitAnswer(call.engine.Submit(call.caller, Token(call), password.value, commitment));
}

Answer UnlockAccount(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  return SubmitAnswer(call.engine.Unlock(call.caller, Token(call)));
}

Answer PollReset(Call& call) {
  if (Token(call).empty()) return BadParameter("continuation_token");
  return AnswerFrom(call.engine.Poll(call.caller, Token(call)), Area::kReset,
                    [](const SubmitReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["status"] = StatusWord(reply.status);
                      object["continuation_token"] = reply.continuation_token;
                      if (reply.extended && !reply.permit.empty()) {
                        object["permit"] = Base64UrlEncode(reply.permit);
                      }
                      return object;
                    });
}

Answer ShowPolicy(Call& call) {
  return AnswerFrom(call.engine.Policy(call.caller, Token(call)), Area::kReset,
                    [](const PasswordPolicyReply& reply) { return PolicyMembers(reply); });
}

Answer ShowTransaction(Call& call) {
  const auto id = FromHex(call.form.Find("transaction_id"));
  if (!id || id->size() != kTransactionIdBytes) return BadParameter("transaction_id");
  return AnswerFrom(call.engine.Transaction(call.caller, *id), Area::kReset,
                    [](const TransactionReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["status"] = TransactionWord(reply.status);
                      if (!reply.permit.empty()) object["permit"] = Base64UrlEncode(reply.permit);
                      return object;
                    });
}

}  // namespace sspr::service
