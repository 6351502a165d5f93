// SPDX-License-Identifier: Apache-2.0
#include "service/operators/operator_accounts.h"

#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/engine/guarded.h"
#include "service/methods/handed_out_code.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kHour = 3600;
constexpr UnixSeconds kBootstrapLife = kHour;
constexpr UnixSeconds kInvitationLife = 24 * kHour;

OperatorView ViewOf(const OperatorRecord& account) {
  return {.id = account.id,
          .name = account.name,
          .role = account.role,
          .person = account.person,
          .enabled = account.enabled,
          .enrolled = account.IsEnrolled(),
          .invited_until = account.invite_expires,
          .created_at = account.created_at,
          .signed_in_at = account.signed_in_at};
}

Status CheckName(std::string_view name) {
  if (CanonicalUserName(name) == name) return Ok();
  return Error{
      Errc::kPolicy,
      "an operator's name is 1 to 64 of a-z 0-9 . _ @ + - and begins with neither - nor ."};
}

}  // namespace

std::string OperatorSubject(const ServiceKeys& keys, std::string_view typed) {
  return "operator:" + SubjectOf(keys, typed, CanonicalUserName(typed));
}

void OperatorAccounts::Note(const char* event, const std::string& reason) {
  const Status written = foundation_.audit->Write({.event = event,
                                                   .outcome = "done",
                                                   .reason = reason,
                                                   .actor = actor_.name,
                                                   .address = actor_.address},
                                                  AuditLog::Weight::kFinal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

Result<OperatorRecord> OperatorAccounts::FindOther(std::string_view name) {
  std::optional<OperatorRecord> account = table_.Find(CanonicalUserName(name).value_or(""));
  if (!account) return Error{Errc::kDenied, "there is no such operator"};
  if (!actor_.name.empty() && account->name == actor_.name) {
    return Error{Errc::kDenied, "nobody changes their own account: ask another administrator"};
  }
  return std::move(*account);
}

Result<OperatorInvitation> OperatorAccounts::InviteFor(const OperatorRecord& account,
                                                       UnixSeconds life) {
  const Secret code = RandomBase32(foundation_.random, kInvitationLength);
  OperatorInvitation made{.code = Grouped(code), .expires_at = foundation_.clock().Now() + life};
  if (!table_.Invite(account.id, ToHex(foundation_.keys.CodeDigest(code.Reveal())),
                     made.expires_at)) {
    return Error{Errc::kDenied, "there is no such operator"};
  }
  return made;
}

Result<OperatorInvitation> OperatorAccounts::Bootstrap(std::string_view name) {
  return Guarded<OperatorInvitation>([&]() -> Result<OperatorInvitation> {
    if (Status check = CheckName(name); !check.ok()) return check.error();
    if (table_.IsBootstrapClosed()) {
      return Error{Errc::kDenied,
                   "the first administrator has enrolled, so this way is closed for good; on this "
                   "machine \"ssprctl operators add NAME --role admin\" makes another"};
    }
    Note("operator.bootstrap", "operator: " + std::string(name));
    for (const OperatorRecord& before : table_.List()) table_.Remove(before.id);
    const OperatorRecord first{.id = NewId(foundation_.random),
                               .name = std::string(name),
                               .role = OperatorRole::kAdmin,
                               .person = {},
                               .password_hash = {},
                               .sealed_totp = {},
                               .invite_digest = {},
                               .created_at = foundation_.clock().Now()};
    if (!table_.Insert(first)) return Error{Errc::kDenied, "the operator exists already"};
    return InviteFor(first, kBootstrapLife);
  });
}

Result<OperatorInvitation> OperatorAccounts::Add(const NewOperator& wanted) {
  return Guarded<OperatorInvitation>([&]() -> Result<OperatorInvitation> {
    if (Status check = CheckName(wanted.name); !check.ok()) return check.error();
    if (!wanted.person.empty() && !foundation_.store->FindUser(wanted.person)) {
      return Error{Errc::kDenied, "the person is to be the name of a user, as in users list"};
    }
    if (table_.Find(wanted.name)) return Error{Errc::kDenied, "the operator exists already"};
    const OperatorRecord made{.id = NewId(foundation_.random),
                              .name = wanted.name,
                              .role = wanted.role,
                              .person = wanted.person,
                              .password_hash = {},
                              .sealed_totp = {},
                              .invite_digest = {},
                              .created_at = foundation_.clock().Now()};
    Note("operator.add", "operator: " + wanted.name + "; role: " + Name(wanted.role) +
                             (wanted.person.empty() ? "" : "; person: " + wanted.person));
    if (!table_.Insert(made)) return Error{Errc::kDenied, "the operator exists already"};
    return InviteFor(made, kInvitationLife);
  });
}

Result<OperatorInvitation> OperatorAccounts::Reinvite(std::string_view name) {
  return Guarded<OperatorInvitation>([&]() -> Result<OperatorInvitation> {
    const Result<OperatorRecord> account = FindOther(name);
    if (!account.ok()) return account.error();
    Note("operator.invite", "operator: " + account->name);
    foundation_.store->ClearSignIn(OperatorSubject(foundation_.keys, account->name));
    return InviteFor(*account, kInvitationLife);
  });
}

template <typename Change>
Status OperatorAccounts::ChangeOther(std::string_view name, const char* event,
                                     const std::string& reason, Change change) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<OperatorRecord> account = FindOther(name);
    if (!account.ok()) return account.error();
    Note(event, "operator: " + account->name + reason);
    if (!change(*account)) return Error{Errc::kDenied, "there is no such operator"};
    return Ok();
  });
}

Status OperatorAccounts::SetRole(std::string_view name, OperatorRole role) {
  return ChangeOther(
      name, "operator.role", std::string("; role: ") + Name(role),
      [&](const OperatorRecord& account) { return table_.SetRole(account.id, role); });
}

Status OperatorAccounts::SetEnabled(std::string_view name, bool enabled) {
  return ChangeOther(
      name, enabled ? "operator.enable" : "operator.disable", "",
      [&](const OperatorRecord& account) { return table_.SetEnabled(account.id, enabled); });
}

Status OperatorAccounts::Remove(std::string_view name) {
  return ChangeOther(name, "operator.remove", "",
                     [&](const OperatorRecord& account) { return table_.Remove(account.id); });
}

Status OperatorAccounts::Unlock(std::string_view name) {
  return ChangeOther(name, "operator.unlock", "", [&](const OperatorRecord& account) {
    foundation_.store->ClearSignIn(OperatorSubject(foundation_.keys, account.name));
    return true;
  });
}

Result<std::vector<OperatorView>> OperatorAccounts::List() {
  return Guarded<std::vector<OperatorView>>([&] {
    std::vector<OperatorView> views;
    for (const OperatorRecord& account : table_.List()) views.push_back(ViewOf(account));
    return views;
  });
}

Result<OperatorView> OperatorAccounts::Show(std::string_view name) {
  return Guarded<OperatorView>([&]() -> Result<OperatorView> {
    const std::optional<OperatorRecord> account = table_.Find(name);
    if (!account) return Error{Errc::kDenied, "there is no such operator"};
    return ViewOf(*account);
  });
}

}  // namespace sspr::service
