// SPDX-License-Identifier: Apache-2.0
// What a text message says and what a call speaks, in the languages of the mails. Short: one
// message of an SMS where the language allows it.
#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "service/delivery/mail_texts.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct PhoneReader {
  std::string number;  // E.164
  MailLanguage language = MailLanguage::kEnglish;
};

// What the code is typed for: a new password, or to show that the number is the person's own.
enum class PhoneCodeUse { kProof, kConfirmation };

// The code; a call speaks it digit by digit, twice. channel is kSms or kVoice. kInternal when the
// code does not fit.
Result<Message> CodePhoneMessage(Channel channel, const PhoneReader& reader, const Secret& code,
                                 std::chrono::minutes valid,
                                 PhoneCodeUse use = PhoneCodeUse::kProof);

// "Your password was changed", as a text message.
Result<Message> PasswordChangedText(const PhoneReader& reader);
// "Your sign-in methods changed", the same way.
Result<Message> MethodsChangedText(const PhoneReader& reader);

}  // namespace sspr::service
