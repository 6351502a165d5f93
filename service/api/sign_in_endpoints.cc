// SPDX-License-Identifier: Apache-2.0
// The endpoints of sign-in.
#include "service/api/sign_in_endpoints.h"

#include <algorithm>
#include <iterator>

#include "common/protocol/wire.h"
#include "service/api/reply_members.h"
#include "service/api/token_issuer.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxScopeBytes = 1024;

// RFC 6749, 3.3: printable ASCII but '"' and '\', words between single spaces.
bool IsScope(std::string_view scope) {
  return !scope.empty() && scope.size() <= kMaxScopeBytes && std::ranges::all_of(scope, [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

bool HasWord(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

TokenRequest RequestOf(const Call& call, std::string_view scope) {
  const std::string_view client_info = call.form.Find("client_info");
  return {.client_id = call.caller.client_id,
          .scope = std::string(scope),
          .id_token = HasWord(scope, "openid"),
          .client_info = client_info == "1" || client_info == "true"};
}

Answer Issue(const Call& call, const SignedIn& who, const TokenRequest& request) {
  const auto members = call.tokens.Issue(who, request);
  if (!members) return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kSignIn);
  return *members;
}

Answer TokenAnswer(const Call& call, Reply<SignedIn> reply) {
  const std::string_view scope = call.form.Find("scope");
  return AnswerFrom(std::move(reply), Area::kSignIn, [&](const SignedIn& who) -> Answer {
    TokenRequest request = RequestOf(call, scope);
    if (!HasWord(scope, "offline_access")) return Issue(call, who, request);
    return AnswerFrom(call.engine.IssueRefreshToken(call.caller, who, scope), Area::kSignIn,
                      [&](const std::string& token) -> Answer {
                        request.refresh_token = token;
                        return Issue(call, who, request);
                      });
  });
}

// The scope is that of the sign-in: what a client asks for here cannot widen it.
Answer WithRefreshToken(Call& call) {
  const Form::SecretField& token = call.form.FindSecret("refresh_token");
  if (token.state != Form::SecretState::kFits) return BadParameter("refresh_token");
  return AnswerFrom(call.engine.RedeemRefreshToken(call.caller, token.value), Area::kSignIn,
                    [&](const Refreshed& refreshed) -> Answer {
                      TokenRequest request = RequestOf(call, refreshed.scope);
                      request.refresh_token = refreshed.refresh_token;
                      return Issue(call, refreshed.who, request);
                    });
}

struct FactorGrant {
  std::string_view word;
  MethodKind kind;  // of the codes that are sent, any one
};
constexpr FactorGrant kFactorGrants[] = {
    {"mfa_oob", MethodKind::kEmailCode},
    {"mfa_totp", MethodKind::kAuthenticatorCode},
    {"mfa_recovery_code", MethodKind::kRecoveryCode},
};

Answer WithPassword(Call& call, std::string_view token) {
  const Form::SecretField& password = call.form.FindSecret("password");
  switch (password.state) {
    case Form::SecretState::kAbsent:
      return BadParameter("password");
    case Form::SecretState::kTooLong:  // than any password can be
      return ToWireError({.code = RefusalCode::kWrongPassword, .detail = {}}, Area::kSignIn);
    case Form::SecretState::kFits:
      break;
  }
  return TokenAnswer(call, call.engine.SignInWithPassword(call.caller, token, password.value));
}

}  // namespace

Answer InitiateSignIn(Call& call) {
  const std::string_view username = call.form.Find("username");
  if (username.empty()) return BadParameter("username");
  auto types = ReadChallengeTypes(call.form.Find("challenge_type"));
  if (WireError* const error = std::get_if<WireError>(&types)) return std::move(*error);
  const ChallengeTypes& can = *std::get_if<ChallengeTypes>(&types);
  if (!can.password) return Redirect{"This client cannot ask for a password."};
  return AnswerFrom(
      call.engine.SignInInitiate(call.caller, username, ReadCapabilities(call.form, can)),
      Area::kSignIn, [](const SignInReply& reply) {
        Json::Value object(Json::objectValue);
        object["continuation_token"] = reply.continuation_token;
        return object;
      });
}

Answer ChallengeSignIn(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (auto error = CheckChallengeTypes(call.form)) return *error;
  if (const std::string_view id = call.form.Find("id"); !id.empty()) {
    return AnswerFrom(call.engine.SecondFactorChallenge(call.caller, token, id), Area::kSignIn,
                      [](const ChallengeReply& reply) { return ChallengeMembers(reply); });
  }
  return AnswerFrom(call.engine.SignInChallenge(call.caller, token), Area::kSignIn,
                    [](const SignInReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      object["challenge_type"] = wire::kTypePassword;
                      return object;
                    });
}

Answer ListSecondFactors(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  return AnswerFrom(call.engine.SecondFactorMethods(call.caller, token), Area::kSignIn,
                    [](const IntrospectReply& reply) {
                      Json::Value gates(Json::objectValue);
                      PutGates(reply.gates, gates);
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      object["methods"] = gates["methods"];
                      return object;
                    });
}

Answer IssueTokens(Call& call) {
  const std::string_view grant = call.form.Find("grant_type");
  if (grant.empty()) return BadParameter("grant_type");
  if (grant == "refresh_token") return WithRefreshToken(call);
  const auto* const factor = std::ranges::find(kFactorGrants, grant, &FactorGrant::word);
  const bool is_factor = factor != std::end(kFactorGrants);
  if (grant != "password" && grant != "continuation_token" && !is_factor) {
    return WireError{.error = "unsupported_grant_type",
                     .description =
                         "Sign in with grant_type password, continuation_token, "
                         "mfa_oob or refresh_token."};
  }
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (!IsScope(call.form.Find("scope"))) {
    return WireError{.error = "invalid_scope",
                     .description = "The scope parameter is empty or not valid. Send openid."};
  }
  if (grant == "password") return WithPassword(call, token);
  if (is_factor) {
    const Form::SecretField& code = call.form.FindSecret("oob");
    if (code.state != Form::SecretState::kFits) return BadParameter("oob");
    return TokenAnswer(
        call, call.engine.SignInWithSecondFactor(call.caller, token, factor->kind, code.value));
  }
  return TokenAnswer(
      call, call.engine.SignInWithContinuation(call.caller, token, call.form.Find("username")));
}

Answer ListRegistrable(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  return AnswerFrom(call.engine.Registrable(call.caller, token), Area::kSignIn,
                    [](const RegistrationReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      object["methods"] = Json::Value(Json::arrayValue);
                      for (const MethodKind kind : reply.kinds) {
                        Json::Value method(Json::objectValue);
                        method["id"] = Name(kind);
                        method["challenge_type"] = wire::kTypeOob;
                        method["challenge_channel"] = Name(kind);
                        object["methods"].append(std::move(method));
                      }
                      return object;
                    });
}

Answer ChallengeRegistration(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (call.form.Find("challenge_type") != wire::kTypeOob) return BadParameter("challenge_type");
  const std::string_view target = call.form.Find("challenge_target");
  if (target.empty()) return BadParameter("challenge_target");
  const std::string_view channel = call.form.Find("challenge_channel");
  const bool is_mail = channel.empty() ? target.find('@') != std::string_view::npos
                                       : channel == Name(MethodKind::kEmailCode);
  if (!channel.empty() && !is_mail && channel != Name(MethodKind::kSmsCode)) {
    return BadParameter("challenge_channel");
  }
  const MethodKind kind = is_mail ? MethodKind::kEmailCode : MethodKind::kSmsCode;
  return AnswerFrom(call.engine.RegistrationChallenge(call.caller, token, kind, target),
                    Area::kSignIn, [&](const ChallengeReply& reply) {
                      Json::Value object = ChallengeMembers(reply);
                      object["challenge_target"] = reply.target_label;
                      return object;
                    });
}

Answer ContinueRegistration(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (call.form.Find("grant_type") != wire::kTypeOob) return BadParameter("grant_type");
  const Form::SecretField& code = call.form.FindSecret("oob");
  if (code.state != Form::SecretState::kFits) return BadParameter("oob");
  return AnswerFrom(call.engine.Register(call.caller, token, code.value), Area::kSignIn,
                    [](const SignInReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      return object;
                    });
}

}  // namespace sspr::service
