// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/mail_texts.h"

#include <array>
#include <ctime>
#include <span>
#include <utility>

#include "common/base/text.h"

namespace sspr::service {
namespace {

// {name} {code} {minutes} {time} {helpdesk}: filled in by Fill, once each.
struct Texts {
  std::string_view greeting, greeting_unnamed;
  std::string_view code_subject, code_text;
  std::string_view changed_subject, changed_text, help_desk;
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

struct Field {
  std::string_view mark;
  std::string_view value;
};

// Appends text with each mark replaced by its value; values are not searched for marks.
bool Fill(SecretBody& out, std::string_view text, std::span<const Field> fields) {
  while (!text.empty()) {
    const Field* first = nullptr;
    std::size_t at = text.size();
    for (const Field& field : fields) {
      const std::size_t found = text.find(field.mark);
      if (found < at) {
        at = found;
        first = &field;
      }
    }
    if (!out.Append(text.substr(0, at))) return false;
    if (first == nullptr) return true;
    if (!out.Append(first->value)) return false;
    text.remove_prefix(at + first->mark.size());
  }
  return true;
}

std::string Filtered(std::string_view text) {
  std::array<char, kMaxTextBytes> buffer{};
  return {buffer.data(), FilterForDisplay(text, Lines::kOne, buffer)};
}

bool FillGreeting(SecretBody& out, const MailReader& reader) {
  const Texts& texts = TextsOf(reader.language);
  const std::string name = Filtered(reader.display_name);
  if (name.empty()) return Fill(out, texts.greeting_unnamed, {});
  const std::array<Field, 1> fields{{{"{name}", name}}};
  return Fill(out, texts.greeting, fields);
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
  Message message{reader.address, std::string(texts.code_subject), {}};
  const std::string minutes = std::to_string(valid.count());
  const std::array<Field, 2> fields{{{"{code}", code.Reveal()}, {"{minutes}", minutes}}};
  if (!FillGreeting(message.text, reader) || !Fill(message.text, texts.code_text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

Result<Message> PasswordChangedMail(const MailReader& reader, UnixSeconds when,
                                    std::string_view help_desk) {
  const Texts& texts = TextsOf(reader.language);
  Message message{reader.address, std::string(texts.changed_subject), {}};
  const std::string time = TimeText(when);
  const std::string help = help_desk.empty() ? std::string(texts.help_desk) : Filtered(help_desk);
  const std::array<Field, 2> fields{{{"{time}", time}, {"{helpdesk}", help}}};
  if (!FillGreeting(message.text, reader) || !Fill(message.text, texts.changed_text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

}  // namespace sspr::service
