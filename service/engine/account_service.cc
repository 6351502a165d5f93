// SPDX-License-Identifier: Apache-2.0
// What a person sees of the account, and what needs no new proof.
#include "service/engine/account_service.h"

#include <algorithm>

#include "service/engine/notices.h"
#include "service/engine/offers.h"
#include "service/engine/risk.h"
#include "service/policy/audience.h"

namespace sspr::service {
namespace {

constexpr Capabilities kPortalKnows{.introspect = true,
                                    .two_gates = true,
                                    .final_submit = true,
                                    .totp = true,
                                    .questions = true,
                                    .recovery_code = true,
                                    .temporary_pass = true};

bool StandsAlone(MethodKind kind) {
  const ProofForm form = TraitsOf(kind).form;
  return form == ProofForm::kSentDigits || form == ProofForm::kAppDigits ||
         form == ProofForm::kAnsweredElsewhere;
}

AccountMethod ViewOf(const MethodRecord& method, UnixSeconds now) {
  return {.id = method.id,
          .kind = method.kind,
          .label = TraitsOf(method.kind).form == ProofForm::kAnsweredElsewhere ? method.detail
                                                                               : method.address,
          .added_at = method.added_at,
          .usable_from = method.usable_from > now ? method.usable_from : 0,
          .is_default = method.preferred};
}

int CountOf(const std::vector<MethodRecord>& methods, MethodKind kind) {
  return static_cast<int>(std::ranges::count(methods, kind, &MethodRecord::kind));
}

}  // namespace

std::optional<AccountService::Account> AccountService::Open(const AccountCaller& who) {
  std::optional<DirectoryUser> user = parts_.directory.Get(who.user_id);
  std::optional<UserRecord> record = parts_.store.GetUser(who.user_id);
  if (!user || !user->enabled || !record) return std::nullopt;
  Account account{.user = std::move(*user),
                  .record = std::move(*record),
                  .policy = LoadPolicy(parts_.store),
                  .methods = parts_.store.ListMethods(who.user_id),
                  .now = parts_.clock.Now()};
  account.policy = PolicyOf(parts_, std::move(account.policy), account.user);
  return account;
}

void AccountService::Note(const AccountCaller& who, const Account& account, const char* event,
                          std::string reason) {
  Record(parts_,
         {.event = event,
          .outcome = "done",
          .reason = std::move(reason),
          .user_id = account.user.id,
          .username = account.user.username,
          .client_id = who.caller.client_id,
          .address = who.caller.address,
          .correlation_id = who.caller.correlation_id},
         AuditLog::Weight::kFinal);
}

UnixSeconds AccountService::UsableFrom(const Account& account) const {
  const bool has_usable = std::ranges::any_of(account.methods, [&](const MethodRecord& method) {
    return method.kind != MethodKind::kTemporaryPass && method.usable_from <= account.now;
  });
  if (has_usable || account.policy.cooling_hours == 0) return 0;
  return account.now + account.policy.cooling_hours * kHourSeconds;
}

void AccountService::Tell(const Account& account, const std::vector<MethodRecord>& more,
                          MethodKind kind, MethodChange change) {
  std::vector<MethodRecord> audience = account.methods;
  audience.insert(audience.end(), more.begin(), more.end());
  TellOfMethodChange(parts_, account.user, audience, kind, change);
}

void AccountService::MarkConfirmed(const Account& account) {
  parts_.store.NoteMethodsConfirmed(account.user.id, account.now);
}

AccountReply<AccountView> AccountService::Show(const AccountCaller& who) {
  const auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const Policy& policy = account->policy;
  AccountView view{.username = account->user.username,
                   .display_name = account->user.display_name,
                   .methods = {},
                   .questions = CountOf(account->methods, MethodKind::kQuestions),
                   .recovery_codes = CountOf(account->methods, MethodKind::kRecoveryCode),
                   .registrable = {},
                   .required_gates = policy.required_gates,
                   .questions_to_register = policy.questions_to_register,
                   .own_questions = policy.questions_own != 0,
                   .in_scope = IsInScope(policy, account->user.groups)};
  UnixSeconds confirmed = account->record.methods_confirmed_at;
  for (const MethodRecord& method : account->methods) {
    confirmed = std::max(confirmed, method.added_at);
    if (StandsAlone(method.kind)) view.methods.push_back(ViewOf(method, account->now));
  }
  std::ranges::stable_sort(view.methods, {}, &AccountMethod::kind);
  const bool has_default = std::ranges::any_of(view.methods, &AccountMethod::is_default);
  if (!has_default && !view.methods.empty()) view.methods.front().is_default = true;
  for (const MethodTraits& traits : kMethodTraits) {
    const bool is_possible = traits.kind != MethodKind::kTemporaryPass &&
                             (traits.kind != MethodKind::kPasskey || !parts_.passkey_host.empty());
    if (is_possible && policy.Enables(traits.kind)) {
      view.registrable.push_back(traits.kind);
    }
  }
  constexpr UnixSeconds kCooled = 400 * kDaySeconds;
  view.is_registered = IsRegistered(account->methods, policy, kPortalKnows, account->now);
  view.will_be_registered =
      IsRegistered(account->methods, policy, kPortalKnows, account->now + kCooled);
  view.confirm_due = policy.reconfirm_days != 0 && !account->methods.empty() &&
                     account->now - confirmed > policy.reconfirm_days * kDaySeconds;
  return view;
}

AccountReply<AccountMethod> AccountService::Remove(const AccountCaller& who,
                                                   std::string_view method_id) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const auto found = std::ranges::find(account->methods, method_id, &MethodRecord::id);
  if (found == account->methods.end() || !StandsAlone(found->kind)) {
    return AccountRefusal{AccountFault::kNoSuchMethod};
  }
  Note(who, *account, "method.remove", Name(found->kind));
  if (!parts_.store.DeleteMethod(account->user.id, method_id)) {
    return AccountRefusal{AccountFault::kNoSuchMethod};
  }
  Tell(*account, {}, found->kind, MethodChange::kRemoved);
  return ViewOf(*found, account->now);
}

AccountReply<int> AccountService::RemoveAll(const AccountCaller& who, MethodKind kind) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const int count = CountOf(account->methods, kind);
  const bool is_set = kind == MethodKind::kQuestions || kind == MethodKind::kRecoveryCode;
  if (!is_set || count == 0) return AccountRefusal{AccountFault::kNoSuchMethod};
  Note(who, *account, "method.remove", Name(kind));
  parts_.store.ReplaceMethods(account->user.id, kind, {});
  Tell(*account, {}, kind, MethodChange::kRemoved);
  return count;
}

AccountReply<AccountMethod> AccountService::Prefer(const AccountCaller& who,
                                                   std::string_view method_id) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  const auto found = std::ranges::find(account->methods, method_id, &MethodRecord::id);
  if (found == account->methods.end() || !StandsAlone(found->kind)) {
    return AccountRefusal{AccountFault::kNoSuchMethod};
  }
  Note(who, *account, "method.prefer", Name(found->kind));
  if (!parts_.store.PreferMethod(account->user.id, method_id)) {
    return AccountRefusal{AccountFault::kNoSuchMethod};
  }
  return ViewOf(*found, account->now);
}

AccountReply<int> AccountService::ConfirmAll(const AccountCaller& who) {
  auto account = Open(who);
  if (!account) return AccountRefusal{AccountFault::kGone};
  Note(who, *account, "method.confirm_all", "");
  MarkConfirmed(*account);
  return static_cast<int>(account->methods.size());
}

}  // namespace sspr::service
