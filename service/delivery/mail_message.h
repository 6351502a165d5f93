// SPDX-License-Identifier: Apache-2.0
// A Message as the bytes of an Internet mail (RFC 5322, MIME), and the rules for what may become
// one. Nothing that came from outside reaches a header without passing here.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

// local@domain of RFC 5321 without quoted strings, address literals and non-ASCII: at most 254
// bytes, so that it can stand in a header and in an SMTP command as it is.
bool IsMailAddress(std::string_view text) noexcept;

// kPolicy when the message is not fit to be sent: an address that is not one address, a subject
// that is empty, of several lines or longer than 200 bytes, a text that is empty, not UTF-8 or has
// control characters other than '\n' and '\t'.
Status CheckMessage(const Message& message);

struct MailSender {
  std::string address;  // IsMailAddress
  std::string name;     // UTF-8, one line; may be empty
};

// A text of 8 KiB, every byte encoded, and the header.
using MailBytes = SecretBuffer<32 * 1024>;

// Lines end in CRLF, those of the text have at most 76 characters; all of it is ASCII. message_id
// is unique, of the letters of a mail address. kPolicy as CheckMessage.
Result<std::unique_ptr<MailBytes>> EncodeMail(const MailSender& sender, const Message& message,
                                              UnixSeconds date, std::string_view message_id);

}  // namespace sspr::service
