// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/mail_texts.h"

#include <array>
#include <ctime>
#include <span>
#include <utility>

#include "common/base/text.h"
#include "service/delivery/fill_text.h"
#include "service/delivery/words.h"

namespace sspr::service {
namespace {

std::string Filtered(std::string_view text) {
  std::array<char, kMaxTextBytes> buffer{};
  return {buffer.data(), FilterForDisplay(text, Lines::kOne, buffer)};
}

bool FillGreeting(SecretBody& out, const MailReader& reader) {
  const MailWords& texts = WordsOf(reader.language).mail;
  const std::string name = Filtered(reader.display_name);
  if (name.empty()) return FillText(out, texts.greeting_unnamed, {});
  const std::array<TextField, 1> fields{{{"{name}", name}}};
  return FillText(out, texts.greeting, fields);
}

// "2026-11-22 21:05 UTC": read the same in all languages.
std::string TimeText(UnixSeconds when) {
  const std::time_t seconds = when;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

MailLanguage MailLanguageOf(std::string_view tag) noexcept {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const bool is_tag =
      tag.size() == 2 || (tag.size() > 2 && (tag[2] == '-' || tag[2] == '_' || tag[2] == '.'));
  for (std::size_t i = 0; i < kMailLanguageTags.size(); ++i) {
    const std::string_view known = kMailLanguageTags[i];
    if (is_tag && small(tag[0]) == known[0] && small(tag[1]) == known[1]) {
      return static_cast<MailLanguage>(i);
    }
  }
  return MailLanguage::kEnglish;
}

Result<Message> CodeMail(const MailReader& reader, const Secret& code, std::chrono::minutes valid) {
  const MailWords& texts = WordsOf(reader.language).mail;
  Message message{.to = reader.address, .subject = std::string(texts.code_subject), .text = {}};
  const std::string minutes = std::to_string(valid.count());
  const std::array<TextField, 2> fields{{{"{code}", code.Reveal()}, {"{minutes}", minutes}}};
  if (!FillGreeting(message.text, reader) || !FillText(message.text, texts.code_text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

namespace {

// A mail about something that happened at that time.
Result<Message> Notice(const MailReader& reader, std::string_view subject, std::string_view text,
                       UnixSeconds when, std::string_view help_desk, std::string_view user,
                       std::string_view what = {}) {
  Message message{.to = reader.address, .subject = std::string(subject), .text = {}};
  const std::string time = TimeText(when);
  const std::string help = help_desk.empty() ? std::string(WordsOf(reader.language).mail.help_desk)
                                             : Filtered(help_desk);
  const std::string name = Filtered(user);
  const std::array<TextField, 4> fields{
      {{"{time}", time}, {"{helpdesk}", help}, {"{user}", name}, {"{what}", what}}};
  if (!FillGreeting(message.text, reader) || !FillText(message.text, text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

}  // namespace

Result<Message> PasswordChangedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk) {
  const MailWords& texts = WordsOf(reader.language).mail;
  return Notice(reader, texts.changed_subject, texts.changed_text, when, help_desk, "");
}

Result<Message> AccountUnlockedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk) {
  const MailWords& texts = WordsOf(reader.language).mail;
  return Notice(reader, texts.unlocked_subject, texts.unlocked_text, when, help_desk, "");
}

Result<Message> MethodsChangedMail(const MailReader& reader, UnixSeconds when,
                                   std::string_view what, std::string_view help_desk) {
  const MailWords& texts = WordsOf(reader.language).mail;
  return Notice(reader, texts.methods_subject, texts.methods_text, when, help_desk, "", what);
}

Result<Message> ConfirmationMail(const MailReader& reader, const Secret& code,
                                 std::chrono::minutes valid) {
  const MailWords& texts = WordsOf(reader.language).mail;
  Message message{.to = reader.address, .subject = std::string(texts.confirm_subject), .text = {}};
  const std::string minutes = std::to_string(valid.count());
  const std::array<TextField, 2> fields{{{"{code}", code.Reveal()}, {"{minutes}", minutes}}};
  if (!FillGreeting(message.text, reader) || !FillText(message.text, texts.confirm_text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

std::string MethodChangeText(MailLanguage language, MethodChange change, std::string_view word) {
  struct Name {
    std::string_view word;
    std::string_view MethodWords::*name;
  };
  static constexpr std::array<Name, 8> kNames = {{
      {"email", &MethodWords::email},
      {"authenticator", &MethodWords::authenticator},
      {"sms", &MethodWords::sms},
      {"voice", &MethodWords::voice},
      {"questions", &MethodWords::questions},
      {"recovery_code", &MethodWords::recovery_code},
      {"approval", &MethodWords::approval},
      {"passkey", &MethodWords::passkey},
  }};
  const MethodWords& words = WordsOf(language).methods;
  std::string text(word);
  for (const Name& one : kNames) {
    if (one.word == word) text = words.*one.name;
  }
  switch (change) {
    case MethodChange::kAdded:
      return text.append(words.added);
    case MethodChange::kReplaced:
      return text.append(words.replaced);
    case MethodChange::kRemoved:
      return text.append(words.removed);
  }
  return text;
}

Result<Message> AdministratorResetMail(const MailReader& reader, UnixSeconds when,
                                       std::string_view username) {
  const MailWords& texts = WordsOf(reader.language).mail;
  return Notice(reader, texts.administrator_subject, texts.administrator_text, when, "", username);
}

}  // namespace sspr::service
