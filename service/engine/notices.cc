// SPDX-License-Identifier: Apache-2.0
#include "service/engine/notices.h"

#include <chrono>
#include <set>

#include "service/delivery/mail_texts.h"
#include "service/delivery/phone_texts.h"
#include "service/delivery/report_mails.h"
#include "service/policy/audience.h"
#include "service/policy/group_names.h"

namespace sspr::service {
namespace {

constexpr std::chrono::hours kNoticeLife{24};

void Send(EngineParts& parts, const TransactionRecord& transaction, Result<Message> message) {
  if (message.ok() && parts.deliver({.message = std::move(*message),
                                     .deadline = parts.clock.Monotonic() + kNoticeLife,
                                     .reference = transaction.flow_id})) {
    return;
  }
  parts.log("a notice of a reset was not sent");
}

std::string HelpDesk(const Policy& policy) {
  const bool both = !policy.help_desk_text.empty() && !policy.help_desk_url.empty();
  return policy.help_desk_text + (both ? " " : "") + policy.help_desk_url;
}

void TellUser(EngineParts& parts, const TransactionRecord& transaction, const DirectoryUser& user,
              const Policy& policy) {
  const MailLanguage language = MailLanguageOf(user.language);
  const UnixSeconds now = parts.clock.Now();
  const bool is_reset = transaction.operation == Operation::kReset;
  for (const MethodRecord& method : parts.store.ListMethods(user.id)) {
    if (method.kind == MethodKind::kSmsCode && is_reset && policy.sms != 0) {
      Send(parts, transaction,
           PasswordChangedText({.number = method.address, .language = language}));
    }
    if (method.kind != MethodKind::kEmailCode) continue;
    const MailReader reader{
        .address = method.address, .display_name = user.display_name, .language = language};
    Send(parts, transaction,
         is_reset ? PasswordChangedMail(reader, now, HelpDesk(policy))
                  : AccountUnlockedMail(reader, now, HelpDesk(policy)));
  }
}

void TellAdministrators(EngineParts& parts, const TransactionRecord& transaction,
                        const DirectoryUser& user, const Policy& policy) {
  const auto groups = ReadGroupList(policy.administrator_groups);
  if (!groups) return;
  for (const UserRecord& other : parts.store.ListMembers(*groups)) {
    if (other.id == user.id || !other.enabled) continue;
    for (const MethodRecord& method : parts.store.ListMethods(other.id)) {
      if (method.kind != MethodKind::kEmailCode) continue;
      Send(parts, transaction,
           AdministratorResetMail({.address = method.address,
                                   .display_name = other.display_name,
                                   .language = MailLanguageOf(other.language)},
                                  parts.clock.Now(), user.username));
      break;  // one mail each
    }
  }
}

}  // namespace

void TellOfSuccess(EngineParts& parts, const TransactionRecord& transaction) {
  const std::optional<DirectoryUser> user = parts.directory.Lately(transaction.user_id);
  if (!user) return;
  const Policy policy = LoadPolicy(parts.store);
  TellUser(parts, transaction, *user, policy);
  const bool of_administrator =
      transaction.operation == Operation::kReset && IsAdministrator(policy, user->groups);
  if (of_administrator && policy.tell_administrators != 0) {
    TellAdministrators(parts, transaction, *user, policy);
  }
}

void TellOfFollowers(EngineParts& parts, const std::string& user_id) {
  const std::optional<DirectoryUser> user = parts.directory.Lately(user_id);
  if (!user) return;
  const Policy policy = LoadPolicy(parts.store);
  TransactionRecord reference;
  reference.flow_id = "followers";
  for (const MethodRecord& method : parts.store.ListMethods(user_id)) {
    if (method.kind != MethodKind::kEmailCode) continue;
    Send(parts, reference,
         NotEverywhereMail({.address = method.address,
                            .display_name = user->display_name,
                            .language = MailLanguageOf(user->language)},
                           parts.clock.Now(), HelpDesk(policy)));
  }
}

void TellOfMethodChange(EngineParts& parts, const DirectoryUser& user,
                        const std::vector<MethodRecord>& audience, MethodKind kind,
                        MethodChange change) {
  TellOfMethodChange(parts, user, audience, Name(kind), change);
}

void TellOfMethodChange(EngineParts& parts, const DirectoryUser& user,
                        const std::vector<MethodRecord>& audience, std::string_view word,
                        MethodChange change) {
  const MailLanguage language = MailLanguageOf(user.language);
  const Policy policy = LoadPolicy(parts.store);
  TransactionRecord reference;
  reference.flow_id = "methods";
  std::set<std::string> told;
  for (const MethodRecord& method : audience) {
    if (method.kind == MethodKind::kSmsCode && policy.sms != 0 &&
        told.insert(method.address).second) {
      Send(parts, reference, MethodsChangedText({.number = method.address, .language = language}));
    }
    if (method.kind != MethodKind::kEmailCode || !told.insert(method.address).second) continue;
    Send(parts, reference,
         MethodsChangedMail(
             {.address = method.address, .display_name = user.display_name, .language = language},
             parts.clock.Now(), MethodChangeText(language, change, word), HelpDesk(policy)));
  }
}

}  // namespace sspr::service
