// SPDX-License-Identifier: Apache-2.0
// All that people are sent, in each language: one file of words for one language, and a compiler
// that refuses a file that lacks one. Marks in braces are filled in by FillText, and are the same
// in all languages (tests/delivery/words_test.cc).
#pragma once

#include <string_view>

#include "service/delivery/mail_texts.h"

namespace sspr::service {

// {name} {code} {minutes} {time} {helpdesk} {user} {what}
struct MailWords {
  std::string_view greeting, greeting_unnamed;
  std::string_view code_subject, code_text;
  std::string_view changed_subject, changed_text, help_desk;
  std::string_view unlocked_subject, unlocked_text;
  std::string_view administrator_subject, administrator_text;
  std::string_view methods_subject, methods_text, confirm_subject, confirm_text;
};

// {code} {minutes}
struct PhoneWords {
  std::string_view tag, sms_code, voice_code, changed;
  std::string_view sms_confirm, voice_confirm, methods;
};

// Of what became of a reset, a report of it first: {time} {hours} {helpdesk} {user} {place}
struct ReportWords {
  std::string_view subject, text, help_desk, alarm_subject, alarm_text;
  // Of a password that is not everywhere yet.
  std::string_view late_subject, late_text, late_help_desk;
};

// Of people whom operators serve: {code} {minutes} {time} {helpdesk}
struct CallerWords {
  std::string_view tag;
  std::string_view code_subject, code_text, code_spoken;
  std::string_view added_subject, added, removed_subject, removed, pass_subject, pass;
  std::string_view help_desk;
};

// A method, and behind it what became of it: "Passkey" ": added".
struct MethodWords {
  std::string_view email, authenticator, sms, voice, questions, recovery_code, approval, passkey;
  std::string_view added, replaced, removed;
};

struct Words {
  MailWords mail;
  PhoneWords phone;
  ReportWords report;
  CallerWords caller;
  MethodWords methods;
};

extern const Words kEnglishWords;
extern const Words kGermanWords;
extern const Words kFrenchWords;
extern const Words kSpanishWords;
extern const Words kArabicWords;

const Words& WordsOf(MailLanguage language) noexcept;

}  // namespace sspr::service
