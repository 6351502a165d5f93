// SPDX-License-Identifier: Apache-2.0
#include "service/engine/store_admin.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "common/base/text.h"
#include "service/engine/engine_parts.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxDisplayNameBytes = 128;
constexpr std::size_t kMaxClientIdBytes = 64;

UserView ViewOf(const UserRecord& user) {
  return {.id = user.id,
          .username = user.username,
          .display_name = user.display_name,
          .local_account = user.local_account,
          .language = user.language,
          .enabled = user.enabled,
          .has_password = !user.password_hash.empty(),
          .created_at = user.created_at,
          .password_changed_at = user.password_changed_at};
}

MethodView ViewOf(const MethodRecord& method) {
  const bool is_email = method.kind == MethodKind::kEmailCode;
  return {.id = method.id,
          .kind = method.kind,
          .hint = is_email ? EmailHint(MaskedDomain(method.address)) : "Authenticator app",
          .added_at = method.added_at};
}

Status CheckDisplayName(std::string_view name) {
  if (name.size() <= kMaxDisplayNameBytes && IsCleanText(name, Lines::kOne)) return Ok();
  return Error{Errc::kPolicy, "a display name is at most 128 bytes of one line of plain text"};
}

Status CheckLanguage(std::string_view language) {
  if (language == "en" || language == "de") return Ok();
  return Error{Errc::kPolicy, "the language is en or de"};
}

// Also what a permit can carry.
Status CheckLocalAccount(std::string_view account) {
  if (IsCarriableUserName(account) && account.size() <= kMaxUserNameBytes) return Ok();
  return Error{Errc::kPolicy, "a local account is a login name of at most 64 bytes"};
}

const char* SentenceFor(RefusalCode code) {
  if (code == RefusalCode::kPasswordTooShort) return "the password is too short for the policy";
  if (code == RefusalCode::kPasswordTooLong) return "the password is too long for the policy";
  if (code == RefusalCode::kPasswordBanned) return "the password is one that everybody tries first";
  if (code == RefusalCode::kPasswordInvalid) {
    return "the password must be plain text in Unicode's composed form (NFC)";
  }
  return "the password holds the user's name, or has too few kinds of characters";
}

}  // namespace

template <typename Answer, typename Work>
Result<Answer> StoreAdmin::Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Result<UserRecord> StoreAdmin::Find(std::string_view username) {
  const std::optional<std::string> canonical = CanonicalUserName(username);
  std::optional<UserRecord> user = store_.FindUser(canonical.value_or(""));
  if (!user) return Error{Errc::kDenied, "there is no such user"};
  return std::move(*user);
}

std::string StoreAdmin::SubjectOfUser(const UserRecord& user) const {
  return SubjectOf(keys_, user.username, user.username);
}

void StoreAdmin::Note(const char* event, const UserRecord* user, std::string reason) {
  const AuditEvent made{.event = event,
                        .outcome = "done",
                        .reason = std::move(reason),
                        .user_id = user != nullptr ? user->id : std::string(),
                        .username = user != nullptr ? user->username : std::string()};
  const Status written = audit_.Write(made, AuditLog::Weight::kFinal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

template <typename Change>
Status StoreAdmin::ChangeProfile(std::string_view username, const char* event, Change change) {
  return Guarded<Nothing>([&]() -> Status {
    Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    change(*user);
    Note(event, &*user, "");
    if (!store_.UpdateProfile(*user)) return Error{Errc::kDenied, "there is no such user"};
    return Ok();
  });
}

Result<UserView> StoreAdmin::AddUser(const NewUser& wanted) {
  return Guarded<UserView>([&]() -> Result<UserView> {
    if (CanonicalUserName(wanted.username) != wanted.username) {
      return Error{Errc::kPolicy,
                   "a user name is 1 to 64 of a-z 0-9 . _ @ + - and begins with neither - nor ."};
    }
    UserRecord user{.id = NewId(random_),
                    .username = wanted.username,
                    .display_name = wanted.display_name,
                    .local_account = wanted.local_account.empty() ? LocalPartOf(wanted.username)
                                                                  : wanted.local_account,
                    .language = wanted.language.empty() ? "en" : wanted.language,
                    .password_hash = {},
                    .created_at = clock_.Now()};
    for (const Status& check : {CheckDisplayName(user.display_name), CheckLanguage(user.language),
                                CheckLocalAccount(user.local_account)}) {
      if (!check.ok()) return check.error();
    }
    if (store_.FindUser(user.username)) return Error{Errc::kDenied, "the user exists already"};
    Note("admin.user.add", &user, "");
    if (!store_.InsertUser(user)) return Error{Errc::kDenied, "the user exists already"};
    return ViewOf(user);
  });
}

Result<std::vector<UserView>> StoreAdmin::ListUsers() {
  return Guarded<std::vector<UserView>>([&]() -> Result<std::vector<UserView>> {
    std::vector<UserView> views;
    for (const UserRecord& user : store_.ListUsers()) views.push_back(ViewOf(user));
    return views;
  });
}

Result<UserView> StoreAdmin::ShowUser(std::string_view username) {
  return Guarded<UserView>([&]() -> Result<UserView> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    return ViewOf(*user);
  });
}

Status StoreAdmin::DeleteUser(std::string_view username) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    Note("admin.user.delete", &*user, "");
    store_.CloseFlows(SubjectOfUser(*user), "");
    if (!store_.DeleteUser(user->id)) return Error{Errc::kDenied, "there is no such user"};
    return Ok();
  });
}

Status StoreAdmin::SetPassword(std::string_view username, const Secret& password) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const PasswordPolicyReply rules =
        PasswordPolicyFor(LoadPolicy(store_), user->username, user->display_name);
    if (const auto broken = JudgePassword(rules, password)) {
      return Error{Errc::kPolicy, SentenceFor(*broken)};
    }
    const Result<std::string> hash = hasher_.Hash(password);
    if (!hash.ok()) return hash.error();
    Note("admin.user.password", &*user, "");
    if (!store_.SetPasswordHash(user->id, *hash, clock_.Now())) {
      return Error{Errc::kDenied, "there is no such user"};
    }
    store_.CloseFlows(SubjectOfUser(*user), "");
    store_.ClearSignIn(SubjectOfUser(*user));
    return Ok();
  });
}

Status StoreAdmin::SetEnabled(std::string_view username, bool enabled) {
  const Status changed =
      ChangeProfile(username, enabled ? "admin.user.enable" : "admin.user.disable",
                    [enabled](UserRecord& user) { user.enabled = enabled; });
  if (!changed.ok() || enabled) return changed;
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (user.ok()) store_.CloseFlows(SubjectOfUser(*user), "");
    return Ok();
  });
}

Status StoreAdmin::SetDisplayName(std::string_view username, std::string_view display_name) {
  if (Status check = CheckDisplayName(display_name); !check.ok()) return check;
  return ChangeProfile(username, "admin.user.display_name",
                       [&](UserRecord& user) { user.display_name = display_name; });
}

Status StoreAdmin::SetLanguage(std::string_view username, std::string_view language) {
  if (Status check = CheckLanguage(language); !check.ok()) return check;
  return ChangeProfile(username, "admin.user.language",
                       [&](UserRecord& user) { user.language = language; });
}

Status StoreAdmin::SetLocalAccount(std::string_view username, std::string_view account) {
  if (Status check = CheckLocalAccount(account); !check.ok()) return check;
  return ChangeProfile(username, "admin.user.local_account",
                       [&](UserRecord& user) { user.local_account = account; });
}

Status StoreAdmin::Unlock(std::string_view username) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    Note("admin.user.unlock", &*user, "");
    store_.ClearBuckets(BucketsOf(SubjectOfUser(*user)));
    store_.ClearSignIn(SubjectOfUser(*user));
    return Ok();
  });
}

Result<MethodView> StoreAdmin::AddEmail(std::string_view username, std::string_view address) {
  return Guarded<MethodView>([&]() -> Result<MethodView> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    if (!IsPlainEmailAddress(address)) {
      return Error{Errc::kPolicy, "an e-mail address is local@domain in plain ASCII"};
    }
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      if (method.address == address) return Error{Errc::kDenied, "the user has this address"};
    }
    const MethodRecord method{.id = NewId(random_),
                              .user_id = user->id,
                              .kind = MethodKind::kEmailCode,
                              .address = std::string(address),
                              .sealed_secret = {},
                              .added_at = clock_.Now()};
    Note("admin.method.add", &*user, "email");
    store_.AddDomainHint(MaskedDomain(address));
    store_.InsertMethod(method);
    return ViewOf(method);
  });
}

Result<TotpEnrolment> StoreAdmin::AddTotp(std::string_view username) {
  return Guarded<TotpEnrolment>([&]() -> Result<TotpEnrolment> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      if (method.kind == MethodKind::kAuthenticatorCode) {
        return Error{Errc::kDenied, "the user has an authenticator: remove it first"};
      }
    }
    Secret secret;
    if (!secret.Resize(kAuthenticatorSecretBytes)) return Error{Errc::kInternal, "no memory"};
    random_.Fill({reinterpret_cast<unsigned char*>(secret.Bytes().data()), secret.size()});
    const std::string id = NewId(random_);
    const MethodRecord method{.id = id,
                              .user_id = user->id,
                              .kind = MethodKind::kAuthenticatorCode,
                              .address = {},
                              .sealed_secret = keys_.Seal(random_, secret.Reveal(), id),
                              .added_at = clock_.Now()};
    TotpEnrolment enrolment{.method_id = id,
                            .otpauth_uri = OtpauthUri(secret, issuer_, user->username),
                            .base32_secret = Base32Of(secret)};
    Note("admin.method.add", &*user, "authenticator");
    store_.InsertMethod(method);
    return enrolment;
  });
}

Result<std::vector<MethodView>> StoreAdmin::ListMethods(std::string_view username) {
  return Guarded<std::vector<MethodView>>([&]() -> Result<std::vector<MethodView>> {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    std::vector<MethodView> views;
    for (const MethodRecord& method : store_.ListMethods(user->id)) {
      views.push_back(ViewOf(method));
    }
    return views;
  });
}

Status StoreAdmin::RemoveMethod(std::string_view username, std::string_view method_id) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const std::vector<MethodRecord> methods = store_.ListMethods(user->id);
    const bool has = std::any_of(methods.begin(), methods.end(),
                                 [&](const MethodRecord& m) { return m.id == method_id; });
    if (!has) return Error{Errc::kDenied, "the user has no such method"};
    Note("admin.method.remove", &*user, std::string(method_id));
    if (!store_.DeleteMethod(user->id, method_id)) {
      return Error{Errc::kDenied, "the user has no such method"};
    }
    return Ok();
  });
}

Result<std::vector<PolicyEntry>> StoreAdmin::ListPolicy() {
  return Guarded<std::vector<PolicyEntry>>([&]() -> Result<std::vector<PolicyEntry>> {
    const Policy policy = LoadPolicy(store_);
    std::vector<PolicyEntry> entries;
    for (const PolicyKey& key : PolicyKeys()) {
      entries.push_back({.key = key.name,
                         .value = PolicyValueText(key, policy.*key.field),
                         .default_value = PolicyValueText(key, key.fallback),
                         .help = key.help});
    }
    return entries;
  });
}

Result<PolicyEntry> StoreAdmin::GetPolicy(std::string_view name) {
  const Result<std::vector<PolicyEntry>> entries = ListPolicy();
  if (!entries.ok()) return entries.error();
  for (const PolicyEntry& entry : *entries) {
    if (entry.key == name) return entry;
  }
  return Error{Errc::kDenied, "there is no such policy key"};
}

Status StoreAdmin::SetPolicy(std::string_view name, std::string_view value) {
  return Guarded<Nothing>([&]() -> Status {
    const PolicyKey* const key = FindPolicyKey(name);
    if (key == nullptr) return Error{Errc::kDenied, "there is no such policy key"};
    const Result<Policy> changed = ChangedPolicy(LoadPolicy(store_), *key, value);
    if (!changed.ok()) return changed.error();
    const std::string text = PolicyValueText(*key, (*changed).*key->field);
    Note("admin.policy", nullptr, std::string(name) + "=" + text);
    store_.PutSetting(name, text);
    return Ok();
  });
}

Status StoreAdmin::PutClient(const ClientView& client) {
  return Guarded<Nothing>([&]() -> Status {
    if (!IsCarriableUserName(client.client_id) || client.client_id.size() > kMaxClientIdBytes) {
      return Error{Errc::kPolicy, "a client id is 1 to 64 of A-Z a-z 0-9 . _ @ + -"};
    }
    Note("admin.client.put", nullptr,
         client.client_id + (client.concealment ? " concealment=on" : " concealment=off"));
    store_.PutClient({.client_id = client.client_id, .concealment = client.concealment});
    return Ok();
  });
}

Result<std::vector<ClientView>> StoreAdmin::ListClients() {
  return Guarded<std::vector<ClientView>>([&]() -> Result<std::vector<ClientView>> {
    std::vector<ClientView> views;
    for (const ClientRecord& client : store_.ListClients()) {
      views.push_back({.client_id = client.client_id, .concealment = client.concealment});
    }
    return views;
  });
}

Status StoreAdmin::RemoveClient(std::string_view client_id) {
  return Guarded<Nothing>([&]() -> Status {
    if (!store_.FindClient(client_id)) return Error{Errc::kDenied, "there is no such client"};
    Note("admin.client.remove", nullptr, std::string(client_id));
    store_.DeleteClient(client_id);
    return Ok();
  });
}

Result<AuditVerdict> StoreAdmin::VerifyAudit() {
  return Guarded<AuditVerdict>([&] { return audit_.Verify(); });
}

}  // namespace sspr::service
