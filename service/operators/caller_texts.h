// SPDX-License-Identifier: Apache-2.0
// What people are sent when operators serve them: a code that proves a caller, and the notice that
// an operator changed something of theirs.
#pragma once

#include <chrono>
#include <string_view>

#include "service/delivery/mail_texts.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct CallerReader {
  std::string address;  // a mail address or an E.164 number
  std::string display_name;
  MailLanguage language = MailLanguage::kEnglish;
  Channel channel = Channel::kMail;
};

// To be read out to the help desk, which the other codes never are. kInternal when it does not fit.
Result<Message> CallerCodeMessage(const CallerReader& reader, const Secret& code,
                                  std::chrono::minutes valid);

enum class ServedChange { kMethodAdded, kMethodRemoved, kPassIssued };

// A mail, or a text message; never a call.
Result<Message> ServedNotice(const CallerReader& reader, ServedChange change, UnixSeconds when,
                             std::string_view help_desk);

}  // namespace sspr::service
