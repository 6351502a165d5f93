// SPDX-License-Identifier: Apache-2.0
#include "service/engine/refresh_tokens.h"

#include "common/permit/fixed_bytes.h"
#include "service/engine/risk.h"

namespace sspr::service {
namespace {

constexpr std::size_t kTokenBytes = 32;

bool MayGoOn(AccessDemand demand) {
  return demand == AccessDemand::kNone || demand == AccessDemand::kWaived;
}

}  // namespace

Reply<std::string> IssueRefreshToken(EngineParts& parts, const Caller& caller, const SignedIn& who,
                                     std::string_view scope) {
  const std::optional<DirectoryUser> user = parts.directory.Get(who.user_id);
  if (!user) return Refuse(RefusalCode::kInternal, "the user is gone");
  std::string token = ToHex(RandomBytes(parts.random, kTokenBytes));
  parts.store.InsertRefreshToken(
      {.digest = TokenDigest(token),
       .family = NewId(parts.random),
       .user_id = user->id,
       .client_id = caller.client_id,
       .scope = std::string(scope),
       .password_generation = user->password_generation,
       .expires_at = parts.clock.Now() + LoadPolicy(parts.store).refresh_days * kDaySeconds});
  return token;
}

Reply<Refreshed> RedeemRefreshToken(EngineParts& parts, const Caller& caller, const Secret& token) {
  if (!parts.store.FindClient(caller.client_id)) {
    return Refuse(RefusalCode::kInvalidClient, "the client is not registered");
  }
  const Policy policy = LoadPolicy(parts.store);
  const UnixSeconds now = parts.clock.Now();
  std::string next = ToHex(RandomBytes(parts.random, kTokenBytes));
  const auto used =
      parts.store.UseRefreshToken(TokenDigest(token.Reveal()), caller.client_id, TokenDigest(next),
                                  now, now + policy.refresh_days * kDaySeconds);
  const std::optional<DirectoryUser> user =
      parts.directory.Get(used ? used->user_id : std::string());
  const bool may_go_on = user && MayGoOn(AccessFor(parts, PolicyOf(parts, policy, *user), *user));
  const bool is_good = used && user && user->enabled && may_go_on &&
                       user->password_generation == used->password_generation;
  if (!is_good) {
    return Refuse(RefusalCode::kRefreshRefused, "");
  }
  return Refreshed{
      .who = {.user_id = user->id, .username = user->username, .display_name = user->display_name},
      .scope = used->scope,
      .refresh_token = std::move(next)};
}

}  // namespace sspr::service
