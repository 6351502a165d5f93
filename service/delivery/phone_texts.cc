// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/phone_texts.h"

#include "service/delivery/fill_text.h"
#include "service/delivery/words.h"

namespace sspr::service {
namespace {

// "1, 2, 3": voices read a long number otherwise.
SecretBuffer<64> Spoken(const Secret& code) {
  SecretBuffer<64> spoken;
  for (const char& digit : code.Reveal()) {
    if (!spoken.empty() && !spoken.Append(", ")) return {};
    if (!spoken.Append({&digit, 1})) return {};
  }
  return spoken;
}

}  // namespace

Result<Message> CodePhoneMessage(Channel channel, const PhoneReader& reader, const Secret& code,
                                 std::chrono::minutes valid, PhoneCodeUse use) {
  const PhoneWords& texts = WordsOf(reader.language).phone;
  const bool is_call = channel == Channel::kVoice;
  const SecretBuffer<64> spoken = Spoken(code);
  const std::string minutes = std::to_string(valid.count());
  Message message{.to = reader.number,
                  .subject = {},
                  .text = {},
                  .channel = channel,
                  .language = std::string(texts.tag)};
  const TextField fields[] = {{"{code}", is_call ? spoken.Reveal() : code.Reveal()},
                              {"{minutes}", minutes}};
  const bool confirms = use == PhoneCodeUse::kConfirmation;
  const std::string_view of_call = confirms ? texts.voice_confirm : texts.voice_code;
  const std::string_view of_text = confirms ? texts.sms_confirm : texts.sms_code;
  if (spoken.empty() || !FillText(message.text, is_call ? of_call : of_text, fields)) {
    return Error{Errc::kInternal, "the message does not fit"};
  }
  return message;
}

namespace {

Result<Message> NoticeText(const PhoneReader& reader, std::string_view text) {
  const PhoneWords& texts = WordsOf(reader.language).phone;
  Message message{.to = reader.number,
                  .subject = {},
                  .text = {},
                  .channel = Channel::kSms,
                  .language = std::string(texts.tag)};
  if (!FillText(message.text, text, {})) {
    return Error{Errc::kInternal, "the message does not fit"};
  }
  return message;
}

}  // namespace

Result<Message> PasswordChangedText(const PhoneReader& reader) {
  return NoticeText(reader, WordsOf(reader.language).phone.changed);
}

Result<Message> MethodsChangedText(const PhoneReader& reader) {
  return NoticeText(reader, WordsOf(reader.language).phone.methods);
}

}  // namespace sspr::service
