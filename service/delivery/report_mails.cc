// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/report_mails.h"

#include <array>
#include <ctime>

#include "common/base/text.h"
#include "service/delivery/fill_text.h"
#include "service/delivery/words.h"

namespace sspr::service {
namespace {

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
  const ReportWords& words = WordsOf(reader.language).report;
  return Fill(
      reader, words.subject, words.text,
      {.when = when, .hours = hours, .help_desk = help_desk.empty() ? words.help_desk : help_desk});
}

Result<Message> NotEverywhereMail(const MailReader& reader, UnixSeconds when,
                                  std::string_view help_desk) {
  const ReportWords& words = WordsOf(reader.language).report;
  return Fill(reader, words.late_subject, words.late_text,
              {.when = when, .help_desk = help_desk.empty() ? words.late_help_desk : help_desk});
}

Result<Message> ResetReportedAlarm(const MailReader& reader, UnixSeconds when, int hours,
                                   std::string_view username, std::string_view place) {
  const ReportWords& words = WordsOf(reader.language).report;
  return Fill(reader, words.alarm_subject, words.alarm_text,
              {.when = when, .hours = hours, .user = username, .place = place});
}

}  // namespace sspr::service
