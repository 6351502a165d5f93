// SPDX-License-Identifier: Apache-2.0
#include "service/engine/store_admin.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/delivery/mail_texts.h"
#include "service/engine/engine_parts.h"
#include "service/engine/guarded.h"
#include "service/engine/risk.h"
#include "service/policy/audience.h"
#include "service/policy/group_names.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxDisplayNameBytes = 128;
constexpr std::size_t kMaxClientIdBytes = 64;
constexpr std::size_t kClientSecretBytes = 32;

std::string GroupText(const std::vector<std::string>& groups) {
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : " ") + group;
  return text;
}

UserView ViewOf(const UserRecord& user) {
  return {.id = user.id,
          .username = user.username,
          .display_name = user.display_name,
          .local_account = user.local_account,
          .language = user.language,
          .enabled = user.enabled,
          .has_password = !user.password_hash.empty(),
          .created_at = user.created_at,
          .password_changed_at = user.password_changed_at,
          .groups = GroupText(user.groups)};
}

Status CheckDisplayName(std::string_view name) {
  if (name.size() <= kMaxDisplayNameBytes && IsCleanText(name, Lines::kOne)) return Ok();
  return Error{Errc::kPolicy, "a display name is at most 128 bytes of one line of plain text"};
}

Status CheckLanguage(std::string_view language) {
  if (std::ranges::find(kMailLanguageTags, language) != kMailLanguageTags.end()) return Ok();
  return Error{Errc::kPolicy, "the language is en, de, fr, es or ar"};
}

Error BadGroups() {
  return {Errc::kPolicy, "groups are at most 64 names of A-Z a-z 0-9 . _ -, between spaces"};
}

// Also what a permit can carry.
Status CheckLocalAccount(std::string_view account) {
  if (IsCarriableUserName(account) && account.size() <= kMaxUserNameBytes) return Ok();
  return Error{Errc::kPolicy, "a local account is a login name of at most 64 bytes"};
}

const char* SentenceFor(RefusalCode code) {
  if (code == RefusalCode::kPasswordTooShort) return "the password is too short for the policy";
  if (code == RefusalCode::kPasswordTooLong) return "the password is too long for the policy";
  if (code == RefusalCode::kPasswordBanned)
    return "the password is one that everybody tries first, or is made of banned words";
  if (code == RefusalCode::kPasswordInvalid) {
    return "the password must be plain text in Unicode's composed form (NFC)";
  }
  return "the password holds the user's name, or has too few kinds of characters";
}

}  // namespace

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
                        .username = user != nullptr ? user->username : std::string(),
                        .actor = actor_.name,
                        .address = actor_.address};
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
    const auto groups = ReadGroupList(wanted.groups);
    if (!groups) return BadGroups();
    user.groups = *groups;
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
    const Policy policy = PolicyFor(LoadPolicy(store_), user->groups);
    const PasswordPolicyReply rules = PasswordPolicyFor(policy, user->username, user->display_name);
    std::optional<RefusalCode> broken = JudgePassword(rules, password);
    if (!broken && policy.forbid_banned != 0) broken = JudgeWords(store_.BannedTerms(), password);
    if (broken) return Error{Errc::kPolicy, SentenceFor(*broken)};
    const Result<std::string> hash = hasher_.Hash(password);
    if (!hash.ok()) return hash.error();
    Note("admin.user.password", &*user, "");
    if (!store_.SetPasswordHash(user->id, *hash, clock_.Now(), policy.history)) {
      return Error{Errc::kDenied, "there is no such user"};
    }
    store_.CloseFlows(SubjectOfUser(*user), "");
    store_.ClearSignIn(SubjectOfUser(*user));
    return Ok();
  });
}

Status StoreAdmin::SetEnabled(std::string_view username, bool enabled) {
  Status changed = ChangeProfile(username, enabled ? "admin.user.enable" : "admin.user.disable",
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

Status StoreAdmin::SetGroups(std::string_view username, std::string_view groups) {
  const auto names = ReadGroupList(groups);
  if (!names) return BadGroups();
  return ChangeProfile(username, "admin.user.groups",
                       [&](UserRecord& user) { user.groups = *names; });
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
    store_.ClearBuckets(AllBucketsOf(SubjectOfUser(*user)));
    store_.ClearSignIn(SubjectOfUser(*user));
    return Ok();
  });
}

Status StoreAdmin::AllowResets(std::string_view username) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    Note("admin.user.allow_resets", &*user, "");
    if (approvals_->LiftStop(user->id)) return Ok();
    return Error{Errc::kDenied, "the resets of this user are not stopped"};
  });
}

Status StoreAdmin::PutClient(const ClientView& client) {
  return Guarded<Nothing>([&]() -> Status {
    if (!IsCarriableUserName(client.client_id) || client.client_id.size() > kMaxClientIdBytes) {
      return Error{Errc::kPolicy, "a client id is 1 to 64 of A-Z a-z 0-9 . _ @ + -"};
    }
    Note("admin.client.put", nullptr,
         client.client_id + (client.concealment ? " concealment=on" : " concealment=off"));
    const std::optional<ClientRecord> before = store_.FindClient(client.client_id);
    store_.PutClient({.client_id = client.client_id,
                      .concealment = client.concealment,
                      .secret_digest = before ? before->secret_digest : std::string()});
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

Result<SecretBuffer<128>> StoreAdmin::MakeClientSecret(std::string_view client_id) {
  return Guarded<SecretBuffer<128>>([&]() -> Result<SecretBuffer<128>> {
    std::optional<ClientRecord> client = store_.FindClient(client_id);
    if (!client) return Error{Errc::kDenied, "there is no such client"};
    std::string text = ToHex(RandomBytes(random_, kClientSecretBytes));
    std::optional<SecretBuffer<128>> secret = SecretBuffer<128>::CopyOf(text);
    client->secret_digest = ToHex(Sha256(text));
    Wipe(text.data(), text.size());
    Note("admin.client.secret", nullptr, client->client_id);
    store_.PutClient(*client);
    return std::move(*secret);
  });
}

Status StoreAdmin::SetExternalId(std::string_view username, std::string_view external_id) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    const bool is_plain = std::ranges::all_of(external_id, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (external_id.size() > kMaxClientIdBytes || !is_plain) {
      return Error{Errc::kPolicy,
                   "an external id is the object id of the directory, as in "
                   "04487ee0-f4f6-4e7f-8999-facc5a30e232"};
    }
    if (risk_table_ == nullptr) return Error{Errc::kInternal, "there is no table of external ids"};
    Note("admin.user.external_id", &*user, std::string(external_id));
    if (!risk_table_->PutExternalId(user->id, external_id)) {
      return Error{Errc::kDenied, "another user has that external id"};
    }
    return Ok();
  });
}

Status StoreAdmin::SetRisk(std::string_view username, RiskLevel level, std::string_view detail) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<UserRecord> user = Find(username);
    if (!user.ok()) return user.error();
    if (detail.size() > kMaxDisplayNameBytes || !IsCleanText(detail, Lines::kOne)) {
      return Error{Errc::kPolicy, "a detail is at most 128 bytes of one line of plain text"};
    }
    Note("admin.risk", &*user, std::string(Name(level)) + ": " + std::string(detail));
    store_.PutRisk(RiskSaid(user->id, level, std::string(detail), clock_.Now()));
    return Ok();
  });
}

Result<std::vector<RiskView>> StoreAdmin::ListRisks() {
  return Guarded<std::vector<RiskView>>([&]() -> Result<std::vector<RiskView>> {
    std::vector<RiskView> views;
    for (const RiskRecord& risk : store_.ListRisks()) {
      const std::optional<UserRecord> user = store_.GetUser(risk.user_id);
      if (!user) continue;
      views.push_back({.username = user->username,
                       .level = risk.level,
                       .detail = risk.detail,
                       .changed_at = risk.changed_at});
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
