// SPDX-License-Identifier: Apache-2.0
// The mails that the service writes, in each MailLanguage. Plain text only, so that nothing in a
// name can become markup; each says what to do next and what to do if it was not asked for.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

enum class MailLanguage { kEnglish, kGerman, kFrench, kSpanish, kArabic };
// Their tags, in that order.
inline constexpr std::array<std::string_view, 5> kMailLanguageTags = {"en", "de", "fr", "es", "ar"};

// By the first letters of a language tag or locale ("de", "de-AT", "de_DE.UTF-8"); English when it
// is none of them.
MailLanguage MailLanguageOf(std::string_view tag) noexcept;

struct MailReader {
  std::string address;       // where the mail goes
  std::string display_name;  // shown through FilterForDisplay; may be empty
  MailLanguage language = MailLanguage::kEnglish;
};

// "Your code". kInternal when the code or the names do not fit.
Result<Message> CodeMail(const MailReader& reader, const Secret& code, std::chrono::minutes valid);

// "Your password was changed", at that time (shown in UTC). help_desk is one line that says whom to
// turn to, or empty.
Result<Message> PasswordChangedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk);
// "Your account was unlocked", the same way.
Result<Message> AccountUnlockedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk);
// "Your sign-in methods changed", the same way; what is one sentence of MethodChangeText.
Result<Message> MethodsChangedMail(const MailReader& reader, UnixSeconds when,
                                   std::string_view what, std::string_view help_desk);
// A code that proves that an address is the person's own, or that it still works.
Result<Message> ConfirmationMail(const MailReader& reader, const Secret& code,
                                 std::chrono::minutes valid);

enum class MethodChange { kAdded, kReplaced, kRemoved };
// "A phone number was added."; word is a method's, as in "sms".
std::string MethodChangeText(MailLanguage language, MethodChange change, std::string_view word);

// To another administrator: "an administrator's password was reset".
Result<Message> AdministratorResetMail(const MailReader& reader, UnixSeconds when,
                                       std::string_view username);

}  // namespace sspr::service
