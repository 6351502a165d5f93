// SPDX-License-Identifier: Apache-2.0
#include "service/operators/caller_texts.h"

#include <array>
#include <ctime>

#include "common/base/text.h"
#include "service/delivery/fill_text.h"

namespace sspr::service {
namespace {

// {code} {minutes} {time} {helpdesk}
struct Texts {
  std::string_view tag;
  std::string_view code_subject, code_text, code_spoken;
  std::string_view added_subject, added, removed_subject, removed, pass_subject, pass;
  std::string_view help_desk;
};

constexpr Texts kEnglish = {
    "en",
    "The help desk asks whether it is you",
    "{code} is your code for the help desk, for {minutes} minutes.\n"
    "Read it to the help desk only if YOU have called. It sets no password. If you have not "
    "called, tell it to nobody and report it.\n",
    "Hello. You have called the help desk. Your code is: {code}. Once more: {code}. If you have "
    "not called, hang up and tell the code to nobody.\n",
    "A way to prove who you are was added",
    "On {time} an administrator added a way to prove who you are to your account.\n"
    "If you did not ask for it, say so at once. {helpdesk}\n",
    "A way to prove who you are was removed",
    "On {time} an administrator removed a way to prove who you are from your account.\n"
    "If you did not ask for it, say so at once. {helpdesk}\n",
    "The help desk issued a temporary pass for you",
    "On {time} the help desk issued a temporary pass for your account to somebody who called in "
    "your name.\n"
    "If that was not you, say so at once. {helpdesk}\n",
    "Ask your administrator to lock your account.",
};

constexpr Texts kGerman = {
    "de",
    "Der Helpdesk fragt, ob Sie es sind",
    "{code} ist Ihr Code für den Helpdesk, {minutes} Minuten lang.\n"
    "Lesen Sie ihn dem Helpdesk nur vor, wenn SIE angerufen haben. Er setzt kein Passwort. Haben "
    "Sie nicht angerufen, sagen Sie ihn niemandem und melden Sie es.\n",
    "Guten Tag. Sie haben den Helpdesk angerufen. Ihr Code lautet: {code}. Noch einmal: {code}. "
    "Haben Sie nicht angerufen, legen Sie auf und sagen den Code niemandem.\n",
    "Ein Weg, sich auszuweisen, wurde hinzugefügt",
    "Am {time} hat die Administration Ihrem Konto einen Weg hinzugefügt, sich auszuweisen.\n"
    "Wenn Sie das nicht verlangt haben, melden Sie es sofort. {helpdesk}\n",
    "Ein Weg, sich auszuweisen, wurde entfernt",
    "Am {time} hat die Administration einen Weg, sich auszuweisen, von Ihrem Konto entfernt.\n"
    "Wenn Sie das nicht verlangt haben, melden Sie es sofort. {helpdesk}\n",
    "Der Helpdesk hat für Sie einen befristeten Zugangscode ausgestellt",
    "Am {time} hat der Helpdesk für Ihr Konto einen befristeten Zugangscode ausgestellt, für "
    "jemanden, der in Ihrem Namen anrief.\n"
    "Wenn Sie das nicht waren, melden Sie es sofort. {helpdesk}\n",
    "Bitten Sie Ihre Administration, Ihr Konto zu sperren.",
};

const Texts& TextsOf(MailLanguage language) {
  return language == MailLanguage::kGerman ? kGerman : kEnglish;
}

std::string Filtered(std::string_view text) {
  std::array<char, kMaxTextBytes> buffer{};
  return {buffer.data(), FilterForDisplay(text, Lines::kOne, buffer)};
}

std::string TimeText(UnixSeconds when) {
  const std::time_t seconds = when;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

// "1, 2, 3": voices read a long number otherwise.
SecretBuffer<64> Spoken(const Secret& code) {
  SecretBuffer<64> spoken;
  for (const char& digit : code.Reveal()) {
    if (!spoken.empty() && !spoken.Append(", ")) return {};
    if (!spoken.Append({&digit, 1})) return {};
  }
  return spoken;
}

Message Empty(const CallerReader& reader, std::string_view subject) {
  const bool is_mail = reader.channel == Channel::kMail;
  return {.to = reader.address,
          .subject = is_mail ? std::string(subject) : std::string(),
          .text = {},
          .channel = reader.channel,
          .language = std::string(TextsOf(reader.language).tag)};
}

}  // namespace

Result<Message> CallerCodeMessage(const CallerReader& reader, const Secret& code,
                                  std::chrono::minutes valid) {
  const Texts& texts = TextsOf(reader.language);
  const bool is_call = reader.channel == Channel::kVoice;
  const SecretBuffer<64> spoken = Spoken(code);
  const std::string minutes = std::to_string(valid.count());
  Message message = Empty(reader, texts.code_subject);
  const std::array<TextField, 2> fields{
      {{"{code}", is_call ? spoken.Reveal() : code.Reveal()}, {"{minutes}", minutes}}};
  if (!FillText(message.text, is_call ? texts.code_spoken : texts.code_text, fields)) {
    return Error{Errc::kInternal, "the message does not fit"};
  }
  return message;
}

Result<Message> ServedNotice(const CallerReader& reader, ServedChange change, UnixSeconds when,
                             std::string_view help_desk) {
  const Texts& texts = TextsOf(reader.language);
  std::string_view subject = texts.added_subject;
  std::string_view text = texts.added;
  switch (change) {
    case ServedChange::kMethodAdded:
      break;
    case ServedChange::kMethodRemoved:
      subject = texts.removed_subject;
      text = texts.removed;
      break;
    case ServedChange::kPassIssued:
      subject = texts.pass_subject;
      text = texts.pass;
      break;
  }
  Message message = Empty(reader, subject);
  const std::string time = TimeText(when);
  const std::string help = help_desk.empty() ? std::string(texts.help_desk) : Filtered(help_desk);
  const std::array<TextField, 2> fields{{{"{time}", time}, {"{helpdesk}", help}}};
  if (!FillText(message.text, text, fields)) {
    return Error{Errc::kInternal, "the notice does not fit"};
  }
  return message;
}

}  // namespace sspr::service
