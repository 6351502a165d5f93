// SPDX-License-Identifier: Apache-2.0
// The endpoints of sign-in.
#include "service/api/sign_in_endpoints.h"

#include <algorithm>

#include "common/protocol/wire.h"
#include "service/api/token_issuer.h"

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

Answer TokenAnswer(const Call& call, Reply<SignedIn> reply) {
  const std::string_view scope = call.form.Find("scope");
  const std::string_view client_info = call.form.Find("client_info");
  return AnswerFrom(std::move(reply), Area::kSignIn, [&](const SignedIn& who) -> Answer {
    const auto members =
        call.tokens.Issue(who, {.client_id = call.caller.client_id,
                                .scope = std::string(scope),
                                .id_token = HasWord(scope, "openid"),
                                .refresh_token = HasWord(scope, "offline_access"),
                                .client_info = client_info == "1" || client_info == "true"});
    if (!members) return ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kSignIn);
    return *members;
  });
}

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
  if (!std::get_if<ChallengeTypes>(&types)->password) {
    return Redirect{"This client cannot ask for a password."};
  }
  return AnswerFrom(call.engine.SignInInitiate(call.caller, username), Area::kSignIn,
                    [](const SignInReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      return object;
                    });
}

Answer ChallengeSignIn(Call& call) {
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (auto error = CheckChallengeTypes(call.form)) return *error;
  return AnswerFrom(call.engine.SignInChallenge(call.caller, token), Area::kSignIn,
                    [](const SignInReply& reply) {
                      Json::Value object(Json::objectValue);
                      object["continuation_token"] = reply.continuation_token;
                      object["challenge_type"] = wire::kTypePassword;
                      return object;
                    });
}

Answer IssueTokens(Call& call) {
  const std::string_view grant = call.form.Find("grant_type");
  if (grant.empty()) return BadParameter("grant_type");
  if (grant != "password" && grant != "continuation_token") {
    return WireError{.error = "unsupported_grant_type",
                     .description = "Sign in with grant_type password or continuation_token."};
  }
  const std::string_view token = call.form.Find("continuation_token");
  if (token.empty()) return BadParameter("continuation_token");
  if (!IsScope(call.form.Find("scope"))) {
    return WireError{.error = "invalid_scope",
                     .description = "The scope parameter is empty or not valid. Send openid."};
  }
  if (grant == "password") return WithPassword(call, token);
  return TokenAnswer(
      call, call.engine.SignInWithContinuation(call.caller, token, call.form.Find("username")));
}

}  // namespace sspr::service
