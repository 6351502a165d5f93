// SPDX-License-Identifier: Apache-2.0
// The one way from the service to a person's mailbox or phone. Implementations: SmtpNotifier, and a
// fake for tests; tests/contract/notifier holds both to what is written here.
//
// Requests never wait for it: the engine puts messages on a DeliveryQueue (delivery_queue.h), whose
// worker is the one thread that calls Send.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

// kPush: `to` is the method id of a phone that approves.
enum class Channel { kMail, kSms, kVoice, kPush };

struct Message {
  std::string to;       // one bare address, local@domain, or an E.164 number; never from a request
  std::string subject;  // of a mail: one line of UTF-8; never holds a code
  SecretBody text;      // UTF-8, lines end in '\n'; may hold a one-time passcode
  Channel channel = Channel::kMail;
  std::string language = {};  // of the text, for a voice that speaks it: "en"
};

class Notifier {
 public:
  Notifier() = default;
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  virtual ~Notifier() = default;

  // Hands the message over; success means that the next server took responsibility for it. Blocks
  // up to the implementation's limit. Errors: kPolicy (the address, the subject or the text is not
  // fit to be sent, or the server refused it for good: never try again), kUnreachable and kTimedOut
  // (try again), kDenied (the server refuses us: credentials, no TLS), kInternal. Details name no
  // address, subject or text. Not for two threads at once.
  virtual Status Send(const Message& message) = 0;
};

}  // namespace sspr::service
