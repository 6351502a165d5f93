// SPDX-License-Identifier: Apache-2.0
#include "service/operators/caller_texts.h"

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
          .language = std::string(WordsOf(reader.language).caller.tag)};
}

}  // namespace

Result<Message> CallerCodeMessage(const CallerReader& reader, const Secret& code,
                                  std::chrono::minutes valid) {
  const CallerWords& texts = WordsOf(reader.language).caller;
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
  const CallerWords& texts = WordsOf(reader.language).caller;
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
