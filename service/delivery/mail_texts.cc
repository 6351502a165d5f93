// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/mail_texts.h"

#include <array>
#include <ctime>
#include <span>
#include <utility>

#include "common/base/text.h"
#include "service/delivery/fill_text.h"

namespace sspr::service {
namespace {

// {name} {code} {minutes} {time} {helpdesk}: filled in by FillText.
struct Texts {
  std::string_view greeting, greeting_unnamed;
  std::string_view code_subject, code_text;
  std::string_view changed_subject, changed_text, help_desk;
  std::string_view unlocked_subject, unlocked_text;
  std::string_view administrator_subject, administrator_text;
  std::string_view methods_subject, methods_text, confirm_subject, confirm_text;
};

constexpr Texts kEnglish = {
    "Hello {name},\n\n",
    "Hello,\n\n",
    "Your code for a new password",
    "your code for setting a new password is\n"
    "\n"
    "    {code}\n"
    "\n"
    "Type it where you are asked for it, at the login screen. It works once, for {minutes}\n"
    "minutes.\n"
    "\n"
    "If you did not ask for a new password, do nothing: without this code nothing changes.\n"
    "Tell the code to nobody, not even to somebody who says they are from the help desk.\n",
    "Your password was changed",
    "your password was changed on {time}, after you proved who you are at a login screen.\n"
    "\n"
    "If that was you, there is nothing to do.\n"
    "\n"
    "If it was not you, somebody else can sign in as you. {helpdesk}\n",
    "Ask your administrator now to lock your account.",
    "Your account was unlocked",
    "your account was unlocked on {time}, after you proved who you are at a login screen. Your\n"
    "password is the one that you had.\n"
    "\n"
    "If that was you, there is nothing to do.\n"
    "\n"
    "If it was not you, somebody has access to what proves who you are. {helpdesk}\n",
    "An administrator's password was reset",
    "the password of the administrator {user} was reset on {time}, by self-service.\n"
    "\n"
    "If you expected that, there is nothing to do. If not, ask {user} by another way than mail,\n"
    "and lock the account until you know. You get this mail because you are an administrator\n"
    "too.\n",
    "Your sign-in methods changed",
    "something changed on {time} in how you prove who you are:\n"
    "\n"
    "    {what}\n"
    "\n"
    "If that was you, there is nothing to do.\n"
    "\n"
    "If it was not you, somebody else may be about to take over your account. {helpdesk}\n",
    "Confirm your address",
    "your code for confirming this address is\n"
    "\n"
    "    {code}\n"
    "\n"
    "Type it on the page where you are asked for it. It works once, for {minutes} minutes.\n"
    "\n"
    "If you did not ask for it, do nothing. Tell the code to nobody.\n",
};

constexpr Texts kGerman = {
    "Hallo {name},\n\n",
    "Hallo,\n\n",
    "Ihr Code für ein neues Passwort",
    "Ihr Code, um ein neues Passwort zu setzen, lautet\n"
    "\n"
    "    {code}\n"
    "\n"
    "Geben Sie ihn am Anmeldebildschirm ein, wo danach gefragt wird. Er gilt einmal und\n"
    "{minutes} Minuten lang.\n"
    "\n"
    "Wenn Sie kein neues Passwort verlangt haben, tun Sie nichts: Ohne diesen Code ändert sich\n"
    "nichts. Sagen Sie den Code niemandem, auch niemandem, der sich als Helpdesk ausgibt.\n",
    "Ihr Passwort wurde geändert",
    "Ihr Passwort wurde am {time} geändert, nachdem Sie sich an einem Anmeldebildschirm\n"
    "ausgewiesen hatten.\n"
    "\n"
    "Wenn Sie das waren, ist nichts zu tun.\n"
    "\n"
    "Wenn nicht, kann sich jemand anderes als Sie anmelden. {helpdesk}\n",
    "Bitten Sie Ihre Administration jetzt, Ihr Konto zu sperren.",
    "Ihr Konto wurde entsperrt",
    "Ihr Konto wurde am {time} entsperrt, nachdem Sie sich an einem Anmeldebildschirm\n"
    "ausgewiesen hatten. Ihr Passwort ist dasselbe wie zuvor.\n"
    "\n"
    "Wenn Sie das waren, ist nichts zu tun.\n"
    "\n"
    "Wenn nicht, hat jemand Zugriff auf das, womit Sie sich ausweisen. {helpdesk}\n",
    "Das Passwort eines Administrators wurde zurückgesetzt",
    "das Passwort des Administrators {user} wurde am {time} von ihm selbst zurückgesetzt.\n"
    "\n"
    "Wenn Sie das erwartet haben, ist nichts zu tun. Wenn nicht, fragen Sie {user} auf einem\n"
    "anderen Weg als per Mail, und sperren Sie das Konto, bis Sie es wissen. Sie bekommen diese\n"
    "Mail, weil auch Sie Administrator sind.\n",
    "Ihre Anmeldemethoden wurden geändert",
    "am {time} hat sich geändert, womit Sie sich ausweisen:\n"
    "\n"
    "    {what}\n"
    "\n"
    "Wenn Sie das waren, ist nichts zu tun.\n"
    "\n"
    "Wenn nicht, ist vielleicht jemand dabei, Ihr Konto zu übernehmen. {helpdesk}\n",
    "Bestätigen Sie Ihre Adresse",
    "Ihr Code, um diese Adresse zu bestätigen, lautet\n"
    "\n"
    "    {code}\n"
    "\n"
    "Geben Sie ihn auf der Seite ein, die danach fragt. Er gilt einmal und {minutes} Minuten "
    "lang.\n"
    "\n"
    "Wenn Sie ihn nicht verlangt haben, tun Sie nichts. Sagen Sie den Code niemandem.\n",
};

const Texts& TextsOf(MailLanguage language) noexcept {
  switch (language) {
    case MailLanguage::kEnglish:
      return kEnglish;
    case MailLanguage::kGerman:
      return kGerman;
  }
  return kEnglish;
}

std::string Filtered(std::string_view text) {
  std::array<char, kMaxTextBytes> buffer{};
  return {buffer.data(), FilterForDisplay(text, Lines::kOne, buffer)};
}

bool FillGreeting(SecretBody& out, const MailReader& reader) {
  const Texts& texts = TextsOf(reader.language);
  const std::string name = Filtered(reader.display_name);
  if (name.empty()) return FillText(out, texts.greeting_unnamed, {});
  const std::array<TextField, 1> fields{{{"{name}", name}}};
  return FillText(out, texts.greeting, fields);
}

// "2026-11-22 21:05 UTC": read the same in both languages.
std::string TimeText(UnixSeconds when) {
  const std::time_t seconds = when;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

MailLanguage MailLanguageOf(std::string_view tag) noexcept {
  const bool german = tag.size() >= 2 && (tag[0] == 'd' || tag[0] == 'D') &&
                      (tag[1] == 'e' || tag[1] == 'E') &&
                      (tag.size() == 2 || tag[2] == '-' || tag[2] == '_' || tag[2] == '.');
  return german ? MailLanguage::kGerman : MailLanguage::kEnglish;
}

Result<Message> CodeMail(const MailReader& reader, const Secret& code, std::chrono::minutes valid) {
  const Texts& texts = TextsOf(reader.language);
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
  const std::string help =
      help_desk.empty() ? std::string(TextsOf(reader.language).help_desk) : Filtered(help_desk);
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
  const Texts& texts = TextsOf(reader.language);
  return Notice(reader, texts.changed_subject, texts.changed_text, when, help_desk, "");
}

Result<Message> AccountUnlockedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk) {
  const Texts& texts = TextsOf(reader.language);
  return Notice(reader, texts.unlocked_subject, texts.unlocked_text, when, help_desk, "");
}

Result<Message> MethodsChangedMail(const MailReader& reader, UnixSeconds when,
                                   std::string_view what, std::string_view help_desk) {
  const Texts& texts = TextsOf(reader.language);
  return Notice(reader, texts.methods_subject, texts.methods_text, when, help_desk, "", what);
}

Result<Message> ConfirmationMail(const MailReader& reader, const Secret& code,
                                 std::chrono::minutes valid) {
  const Texts& texts = TextsOf(reader.language);
  Message message{.to = reader.address, .subject = std::string(texts.confirm_subject), .text = {}};
  const std::string minutes = std::to_string(valid.count());
  const std::array<TextField, 2> fields{{{"{code}", code.Reveal()}, {"{minutes}", minutes}}};
  if (!FillGreeting(message.text, reader) || !FillText(message.text, texts.confirm_text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

std::string MethodChangeText(MailLanguage language, MethodChange change, std::string_view word) {
  struct Words {
    std::string_view word, english, german;
  };
  static constexpr std::array<Words, 8> kWords = {{
      {"email", "E-mail address", "E-Mail-Adresse"},
      {"authenticator", "Authenticator app", "Authenticator-App"},
      {"sms", "Phone number for text messages", "Telefonnummer für Textnachrichten"},
      {"voice", "Phone number for calls", "Telefonnummer für Anrufe"},
      {"questions", "Security questions", "Sicherheitsfragen"},
      {"recovery_code", "Recovery codes", "Wiederherstellungscodes"},
      {"approval", "Phone that approves", "Telefon, das zustimmt"},
      {"passkey", "Passkey", "Passkey"},
  }};
  const bool german = language == MailLanguage::kGerman;
  std::string text(word);
  for (const Words& one : kWords) {
    if (one.word == word) text = german ? one.german : one.english;
  }
  switch (change) {
    case MethodChange::kAdded:
      return text + (german ? ": hinzugefügt" : ": added");
    case MethodChange::kReplaced:
      return text + (german ? ": ersetzt" : ": replaced");
    case MethodChange::kRemoved:
      return text + (german ? ": entfernt" : ": removed");
  }
  return text;
}

Result<Message> AdministratorResetMail(const MailReader& reader, UnixSeconds when,
                                       std::string_view username) {
  const Texts& texts = TextsOf(reader.language);
  return Notice(reader, texts.administrator_subject, texts.administrator_text, when, "", username);
}

}  // namespace sspr::service
