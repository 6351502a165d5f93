// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/phone_texts.h"

#include "service/delivery/fill_text.h"

namespace sspr::service {
namespace {

// {code} and {minutes}, filled in by FillText.
struct Texts {
  std::string_view tag, sms_code, voice_code, changed;
  std::string_view sms_confirm, voice_confirm, methods;
};

constexpr Texts kEnglish = {
    "en",
    "{code} is your code for a new password, for {minutes} minutes. Tell it to nobody. Not asked "
    "for? Do nothing.\n",
    "Hello. Your code for a new password is: {code}. Once more: {code}. Tell the code to nobody. "
    "If "
    "you did not ask for it, hang up and do nothing.\n",
    "Your password was changed. If that was not you, ask your administrator now to lock your "
    "account.\n",
    "{code} confirms this phone number, for {minutes} minutes. Tell it to nobody. Not asked for? "
    "Do nothing.\n",
    "Hello. Your code to confirm this phone number is: {code}. Once more: {code}. Tell the code to "
    "nobody. If you did not ask for it, hang up and do nothing.\n",
    "Your sign-in methods changed. If that was not you, ask your administrator now to lock your "
    "account.\n",
};

constexpr Texts kGerman = {
    "de",
    "{code} ist Ihr Code für ein neues Passwort, {minutes} Minuten lang. Sagen Sie ihn niemandem. "
    "Nicht verlangt? Tun Sie nichts.\n",
    "Guten Tag. Ihr Code für ein neues Passwort lautet: {code}. Noch einmal: {code}. Sagen Sie den "
    "Code niemandem. Wenn Sie ihn nicht verlangt haben, legen Sie auf und tun nichts.\n",
    "Ihr Passwort wurde geändert. Wenn Sie das nicht waren, bitten Sie Ihre Administration jetzt, "
    "Ihr Konto zu sperren.\n",
    "{code} bestätigt diese Telefonnummer, {minutes} Minuten lang. Sagen Sie ihn niemandem. Nicht "
    "verlangt? Tun Sie nichts.\n",
    "Guten Tag. Ihr Code, um diese Telefonnummer zu bestätigen, lautet: {code}. Noch einmal: "
    "{code}. Sagen Sie den Code niemandem. Wenn Sie ihn nicht verlangt haben, legen Sie auf und "
    "tun "
    "nichts.\n",
    "Ihre Anmeldemethoden wurden geändert. Wenn Sie das nicht waren, bitten Sie Ihre "
    "Administration jetzt, Ihr Konto zu sperren.\n",
};

const Texts& TextsOf(MailLanguage language) noexcept {
  return language == MailLanguage::kGerman ? kGerman : kEnglish;
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

}  // namespace

Result<Message> CodePhoneMessage(Channel channel, const PhoneReader& reader, const Secret& code,
                                 std::chrono::minutes valid, PhoneCodeUse use) {
  const Texts& texts = TextsOf(reader.language);
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
  const Texts& texts = TextsOf(reader.language);
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
  return NoticeText(reader, TextsOf(reader.language).changed);
}

Result<Message> MethodsChangedText(const PhoneReader& reader) {
  return NoticeText(reader, TextsOf(reader.language).methods);
}

}  // namespace sspr::service
