// SPDX-License-Identifier: Apache-2.0
// Mails about a reset that its owner reported as not theirs.
#pragma once

#include "service/delivery/mail_texts.h"

namespace sspr::service {

// To the person: resets of the account are stopped for so many hours. help_desk as in mail_texts.h.
Result<Message> ResetReportedMail(const MailReader& reader, UnixSeconds when, int hours,
                                  std::string_view help_desk);
// To an administrator. place: a numeric address.
Result<Message> ResetReportedAlarm(const MailReader& reader, UnixSeconds when, int hours,
                                   std::string_view username, std::string_view place);

}  // namespace sspr::service
