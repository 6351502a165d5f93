// SPDX-License-Identifier: Apache-2.0
// Rights, users and operators; the caller is in operator_desk_caller.cc, requests are in
// operator_desk_requests.cc.
#include "service/operators/operator_desk.h"

#include <stdexcept>

#include "service/engine/guarded.h"
#include "service/policy/audience.h"
#include "service/policy/group_names.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::chrono::hours kNoticeLife{24};

std::string HelpDeskOf(const Policy& policy) {
  const bool both = !policy.help_desk_text.empty() && !policy.help_desk_url.empty();
  return policy.help_desk_text + (both ? " " : "") + policy.help_desk_url;
}

}  // namespace

void OperatorDesk::Note(const char* event, const char* outcome, const UserRecord* user,
                        const std::string& reason) {
  const Status written =
      foundation_.audit->Write({.event = event,
                                .outcome = outcome,
                                .reason = reason,
                                .user_id = user != nullptr ? user->id : std::string(),
                                .username = user != nullptr ? user->username : std::string(),
                                .actor = account_.name,
                                .address = address_},
                               AuditLog::Weight::kFinal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

Status OperatorDesk::Check(OperatorAction action) {
  if (MayDo(action)) return Ok();
  return Guarded<Nothing>([&]() -> Status {
    Note("operator.action", "refused", nullptr, Name(action));
    return Error{Errc::kDenied, "your role does not allow this: ask an administrator"};
  });
}

std::unique_ptr<AdminService> OperatorDesk::Admin() {
  return MakeAdmin(foundation_, {.name = account_.name, .address = address_});
}

Result<std::unique_ptr<AdminService>> OperatorDesk::For(OperatorAction action) {
  if (Status may = Check(action); !may.ok()) return may.error();
  return Admin();
}

Result<std::unique_ptr<OperatorAccounts>> OperatorDesk::Accounts(OperatorAction action) {
  if (Status may = Check(action); !may.ok()) return may.error();
  return std::make_unique<OperatorAccounts>(foundation_,
                                            Actor{.name = account_.name, .address = address_});
}

// The user who is named as the operator, or whose name or its first part is the operator's.
bool OperatorDesk::IsSelf(const UserRecord& user) const {
  return user.username == account_.person || user.username == account_.name ||
         LocalPartOf(user.username) == account_.name;
}

Result<UserRecord> OperatorDesk::FindOther(std::string_view username) {
  std::optional<UserRecord> user =
      foundation_.store->FindUser(CanonicalUserName(username).value_or(""));
  if (!user) return Error{Errc::kDenied, "there is no such user"};
  if (IsSelf(*user)) {
    Note("operator.action", "refused", &*user, "own account");
    return Error{Errc::kDenied, "nobody serves themselves: ask another operator"};
  }
  return std::move(*user);
}

bool OperatorDesk::IsPrivileged(const std::vector<std::string>& groups) {
  return IsAdministrator(LoadPolicy(*foundation_.store), groups);
}

void OperatorDesk::Tell(const UserRecord& user, const std::vector<MethodRecord>& methods,
                        ServedChange change) {
  const Policy policy = LoadPolicy(*foundation_.store);
  for (const MethodRecord& method : methods) {
    const bool is_mail = method.kind == MethodKind::kEmailCode;
    if (!is_mail && (method.kind != MethodKind::kSmsCode || policy.sms == 0)) continue;
    Result<Message> message = ServedNotice({.address = method.address,
                                            .display_name = user.display_name,
                                            .language = MailLanguageOf(user.language),
                                            .channel = is_mail ? Channel::kMail : Channel::kSms},
                                           change, foundation_.clock().Now(), HelpDeskOf(policy));
    const auto& deliver = foundation_.dependencies.deliver;
    if (message.ok() && deliver &&
        deliver({.message = std::move(*message),
                 .deadline = foundation_.clock().Monotonic() + kNoticeLife,
                 .reference = user.id})) {
      continue;
    }
    if (foundation_.dependencies.log) foundation_.dependencies.log("a notice was not sent");
  }
}

Status OperatorDesk::SetEnabled(std::string_view username, bool enabled) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may;
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    return Admin()->SetEnabled(user->username, enabled);
  });
}

Status OperatorDesk::SetRisk(std::string_view username, RiskLevel level, std::string_view detail) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may;
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    return Admin()->SetRisk(user->username, level, detail);
  });
}

template <typename Change>
Status OperatorDesk::ChangeMethods(std::string_view username, ServedChange told, Change change) {
  const Result<UserRecord> user = FindOther(username);
  if (!user.ok()) return user.error();
  const std::vector<MethodRecord> before = foundation_.store->ListMethods(user->id);
  if (Status changed = change(*user); !changed.ok()) return changed;
  Tell(*user, before, told);
  return Ok();
}

Result<ChangeAnswer> OperatorDesk::AddEmail(std::string_view username, std::string_view address) {
  return Guarded<ChangeAnswer>([&]() -> Result<ChangeAnswer> {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    if (IsPrivileged(user->groups)) {
      const auto asked = Ask({.id = {},
                              .kind = OperatorRequestKind::kEmail,
                              .target = user->username,
                              .detail = std::string(address)});
      if (!asked.ok()) return asked.error();
      return ChangeAnswer{*asked};
    }
    const Status added =
        ChangeMethods(username, ServedChange::kMethodAdded, [&](const UserRecord& found) -> Status {
          const auto made = Admin()->AddEmail(found.username, address);
          return made.ok() ? Ok() : Status(made.error());
        });
    if (!added.ok()) return added.error();
    return ChangeAnswer{Nothing{}};
  });
}

Result<ChangeAnswer> OperatorDesk::AddPhone(std::string_view username, MethodKind kind,
                                            std::string_view number) {
  return Guarded<ChangeAnswer>([&]() -> Result<ChangeAnswer> {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    if (IsPrivileged(user->groups)) {
      const auto asked = Ask({.id = {},
                              .kind = OperatorRequestKind::kPhone,
                              .target = user->username,
                              .detail = std::string(Name(kind)) + " " + std::string(number)});
      if (!asked.ok()) return asked.error();
      return ChangeAnswer{*asked};
    }
    const Status added =
        ChangeMethods(username, ServedChange::kMethodAdded, [&](const UserRecord& found) -> Status {
          const auto made = Admin()->AddPhone(found.username, kind, number);
          return made.ok() ? Ok() : Status(made.error());
        });
    if (!added.ok()) return added.error();
    return ChangeAnswer{Nothing{}};
  });
}

Status OperatorDesk::RemoveMethod(std::string_view username, std::string_view method_id) {
  return Guarded<Nothing>([&]() -> Status {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may;
    return ChangeMethods(username, ServedChange::kMethodRemoved, [&](const UserRecord& user) {
      return Admin()->RemoveMethod(user.username, method_id);
    });
  });
}

// To take somebody out of the administrators would open the other ways: it needs two as well.
Result<ChangeAnswer> OperatorDesk::SetGroups(std::string_view username, std::string_view groups) {
  return Guarded<ChangeAnswer>([&]() -> Result<ChangeAnswer> {
    if (Status may = Check(OperatorAction::kChangeUser); !may.ok()) return may.error();
    const Result<UserRecord> user = FindOther(username);
    if (!user.ok()) return user.error();
    const auto names = ReadGroupList(groups);
    if (!names) {
      return Error{Errc::kPolicy,
                   "groups are at most 64 names of A-Z a-z 0-9 . _ -, between spaces"};
    }
    if (IsPrivileged(user->groups) || IsPrivileged(*names)) {
      const auto asked = Ask({.id = {},
                              .kind = OperatorRequestKind::kGroups,
                              .target = user->username,
                              .detail = std::string(groups)});
      if (!asked.ok()) return asked.error();
      return ChangeAnswer{*asked};
    }
    if (Status set = Admin()->SetGroups(user->username, groups); !set.ok()) return set.error();
    return ChangeAnswer{Nothing{}};
  });
}

Result<AdmissionAnswer> OperatorDesk::AddOperator(const NewOperator& wanted) {
  const auto accounts = Accounts(OperatorAction::kChangeOperators);
  if (!accounts.ok()) return accounts.error();
  if (wanted.role != OperatorRole::kAdmin) {
    auto added = (*accounts)->Add(wanted);
    if (!added.ok()) return added.error();
    return AdmissionAnswer{std::move(*added)};
  }
  if (CanonicalUserName(wanted.name) != wanted.name) {
    return Error{Errc::kPolicy, "an operator's name is 1 to 64 of a-z 0-9 . _ @ + -"};
  }
  auto asked = Ask({.id = {},
                    .kind = OperatorRequestKind::kAdmin,
                    .target = wanted.name,
                    .detail = wanted.person});
  if (!asked.ok()) return asked.error();
  return AdmissionAnswer{std::move(*asked)};
}

Status OperatorDesk::SetRole(std::string_view name, OperatorRole role) {
  const auto accounts = Accounts(OperatorAction::kChangeOperators);
  if (!accounts.ok()) return accounts.error();
  if (role == OperatorRole::kAdmin) {
    return Error{Errc::kDenied,
                 "nobody becomes an administrator this way: add a new administrator, or use "
                 "\"ssprctl operators set-role\" on the server"};
  }
  return (*accounts)->SetRole(name, role);
}

Result<OperatorInvitation> OperatorDesk::Reinvite(std::string_view name) {
  const auto accounts = Accounts(OperatorAction::kChangeOperators);
  if (!accounts.ok()) return accounts.error();
  const auto shown = (*accounts)->Show(name);
  if (!shown.ok()) return shown.error();
  if (shown->role == OperatorRole::kAdmin) {
    return Error{Errc::kDenied,
                 "an administrator is invited anew on the server alone, with \"ssprctl operators "
                 "reset-totp\""};
  }
  return (*accounts)->Reinvite(name);
}

}  // namespace sspr::service
