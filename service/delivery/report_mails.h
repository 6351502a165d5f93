// SPDX-License-Identifier: Apache-2.0
// Mails about what became of a reset: that its owner reported it as not theirs, or that its
// password is not known everywhere.
#pragma once

#include "service/delivery/mail_texts.h"

namespace sspr::service {

// To the person: resets of the account are stopped for so many hours. help_desk as in mail_texts.h.
Result<Message> ResetReportedMail(const MailReader& reader, UnixSeconds when, int hours,
                                  std::string_view help_desk);
// To an administrator. place: a numeric address.
Result<Message> ResetReportedAlarm(const MailReader& reader, UnixSeconds when, int hours,
                                   std::string_view username, std::string_view place);

// To the person: a directory that follows has not taken the password yet. help_desk as above.
Result<Message> NotEverywhereMail(const MailReader& reader, UnixSeconds when,
                                  std::string_view help_desk);

}  // namespace sspr::service
