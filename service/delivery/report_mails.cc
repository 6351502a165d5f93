// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/report_mails.h"

#include <array>
#include <ctime>

#include "common/base/text.h"
#include "service/delivery/fill_text.h"

namespace sspr::service {
namespace {

struct Words {
  std::string_view subject;
  std::string_view text;
  std::string_view help_desk;
  std::string_view alarm_subject;
  std::string_view alarm_text;
};

constexpr Words kEnglish{
    "You reported a password reset",
    "On {time} you reported on your phone that somebody else was resetting your password. It\n"
    "was stopped, and nothing was changed. For {hours} hours nobody can reset the password of\n"
    "your account, not even you.\n"
    "\n"
    "Somebody may know another of the ways in which you prove who you are. {helpdesk}\n"
    "If it was you after all, your help desk can open resets again.\n",
    "Tell your help desk now.", "Somebody tried to reset a password that is not theirs",
    "{user} reported on {time} a reset of the account's password as not wanted. It was begun\n"
    "at the address {place}. Resets of this account are stopped for {hours} hours.\n"
    "\n"
    "Ask {user}, by another way than mail, what happened, and look into the audit log for\n"
    "what else came from that address. `ssprctl users allow-resets {user}` ends the stop.\n"};

constexpr Words kGerman{
    "Sie haben ein Zurücksetzen gemeldet",
    "Am {time} haben Sie auf Ihrem Telefon gemeldet, dass jemand anderes Ihr Passwort\n"
    "zurücksetzt. Das wurde angehalten, und nichts wurde geändert. {hours} Stunden lang kann\n"
    "niemand das Passwort Ihres Kontos zurücksetzen, auch Sie nicht.\n"
    "\n"
    "Vielleicht kennt jemand einen anderen Ihrer Nachweise. {helpdesk}\n"
    "Wenn Sie es doch selbst waren, kann Ihr Helpdesk das Zurücksetzen wieder öffnen.\n",
    "Sagen Sie es jetzt Ihrem Helpdesk.", "Jemand wollte ein fremdes Passwort zurücksetzen",
    "{user} hat am {time} ein Zurücksetzen des eigenen Passworts als nicht gewollt gemeldet.\n"
    "Begonnen wurde es von der Adresse {place}. Für dieses Konto ist das Zurücksetzen\n"
    "{hours} Stunden lang angehalten.\n"
    "\n"
    "Fragen Sie {user} auf einem anderen Weg als per Mail, was geschehen ist, und sehen Sie\n"
    "im Audit nach, was noch von dieser Adresse kam. `ssprctl users allow-resets {user}` hebt\n"
    "den Halt auf.\n"};

const Words& WordsOf(MailLanguage language) {
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

struct Fields {
  UnixSeconds when = 0;
  int hours = 0;
  std::string_view help_desk = {};
  std::string_view user = {};
  std::string_view place = {};
};

Result<Message> Fill(const MailReader& reader, std::string_view subject, std::string_view text,
                     const Fields& given) {
  const std::string time = TimeText(given.when);
  const std::string hours = std::to_string(given.hours);
  const std::string help = Filtered(given.help_desk);
  const std::string user = Filtered(given.user);
  const std::string place = Filtered(given.place);
  const std::array<TextField, 5> fields{{{"{time}", time},
                                         {"{hours}", hours},
                                         {"{helpdesk}", help},
                                         {"{user}", user},
                                         {"{place}", place}}};
  Message message{.to = reader.address, .subject = std::string(subject), .text = {}};
  if (!FillText(message.text, text, fields)) {
    return Error{Errc::kInternal, "the mail does not fit"};
  }
  return message;
}

}  // namespace

Result<Message> ResetReportedMail(const MailReader& reader, UnixSeconds when, int hours,
                                  std::string_view help_desk) {
  const Words& words = WordsOf(reader.language);
  return Fill(
      reader, words.subject, words.text,
      {.when = when, .hours = hours, .help_desk = help_desk.empty() ? words.help_desk : help_desk});
}

Result<Message> ResetReportedAlarm(const MailReader& reader, UnixSeconds when, int hours,
                                   std::string_view username, std::string_view place) {
  const Words& words = WordsOf(reader.language);
  return Fill(reader, words.alarm_subject, words.alarm_text,
              {.when = when, .hours = hours, .user = username, .place = place});
}

}  // namespace sspr::service
