// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/passkey_desk.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/approvals/new_method.h"
#include "service/crypto/digest.h"
#include "service/engine/risk.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
namespace {

constexpr int kChallengeSeconds = 600;
constexpr std::size_t kMostNameBytes = 60;
constexpr std::ptrdiff_t kMostPasskeys = 10;

}  // namespace

Result<std::string> PasskeyDesk::Begin(std::string_view user_id) {
  const std::optional<DirectoryUser> user = parts_.directory.Get(user_id);
  if (!user || parts_.passkey_host.empty() ||
      !PolicyOf(parts_, LoadPolicy(parts_.store), *user).Enables(MethodKind::kPasskey)) {
    return Error{Errc::kDenied, "this person has no passkeys"};
  }
  std::string challenge = RandomBytes(parts_.random, kPasskeyChallengeBytes);
  parts_.passkeys->Prune(parts_.clock.Now());
  parts_.passkeys->PutChallenge(ToHex(Sha256(challenge)), user_id,
                                parts_.clock.Now() + kChallengeSeconds);
  return challenge;
}

Status PasskeyDesk::Add(const Caller& caller, std::string_view user_id, const NewPasskey& passkey) {
  const UnixSeconds now = parts_.clock.Now();
  if (passkey.name.empty() || passkey.name.size() > kMostNameBytes ||
      !IsCleanText(passkey.name, Lines::kOne)) {
    return Error{Errc::kPolicy, "name the passkey in one line of at most 60 bytes"};
  }
  const std::optional<DirectoryUser> user = parts_.directory.Get(user_id);
  if (!user || !user->enabled) return Error{Errc::kDenied, "there is no such person"};
  const Policy policy = PolicyOf(parts_, LoadPolicy(parts_.store), *user);
  const std::vector<MethodRecord> methods = parts_.store.ListMethods(user->id);
  const auto count = std::ranges::count(methods, MethodKind::kPasskey, &MethodRecord::kind);
  if (!policy.Enables(MethodKind::kPasskey) || count >= kMostPasskeys) {
    return Error{Errc::kDenied, "the policy allows no further passkey"};
  }
  const std::string digest = Sha256(passkey.challenge);
  if (!parts_.passkeys->TakeChallenge(ToHex(digest), user->id, now)) {
    return Error{Errc::kDenied, "the challenge is none, used up or too old"};
  }
  const auto made = ReadNewPasskey({.host = parts_.passkey_host, .origin = parts_.passkey_origin},
                                   digest, passkey.client_data, passkey.authenticator_data);
  if (!made.ok()) return made.error();
  if (parts_.passkeys->Find(ToHex(made->credential_id))) {
    return Error{Errc::kDenied, "this passkey is registered already"};
  }
  const std::string id = NewId(parts_.random);
  AddMethod(parts_, caller, *user,
            {.id = id,
             .user_id = user->id,
             .kind = MethodKind::kPasskey,
             .address = {},
             .sealed_secret = {},
             .added_at = now,
             .detail = passkey.name,
             .usable_from = UsableFrom(parts_, *user, policy, now)});
  const bool kept = parts_.passkeys->Insert({.method_id = id,
                                             .user_id = user->id,
                                             .credential_id = ToHex(made->credential_id),
                                             .public_key = ToHex(made->key),
                                             .algorithm = static_cast<int>(made->algorithm),
                                             .sign_count = made->sign_count});
  if (kept) return Ok();
  parts_.store.DeleteMethod(user->id, id);
  return Error{Errc::kDenied, "this passkey is registered already"};
}

}  // namespace sspr::service
