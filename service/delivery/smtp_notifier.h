// SPDX-License-Identifier: Apache-2.0
// Notifier by SMTP, with libcurl. One connection, kept between messages while the server likes it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct SmtpSettings {
  // smtp://host[:port] or smtps://host[:port]. smtp without STARTTLS is for a server on this
  // machine (localhost, 127.0.0.0/8, ::1) unless allow_plain_text says otherwise.
  std::string url;
  bool require_starttls = false;  // with smtp://: no mail and no password before TLS
  bool allow_plain_text = false;
  std::string ca_file;       // PEM; trusted instead of the system's store. Empty: the system's
  std::string from_address;  // also the envelope sender; its domain is the name we greet with
  std::string from_name;
  std::string user;           // empty: no AUTH
  std::string password_file;  // first line; read once
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds request{30'000};  // one whole message
};

class SmtpNotifier final : public Notifier {
 public:
  // Connects to nothing yet. kInternal, with a sentence for the administrator, when the settings
  // are unfit or the password file cannot be read. clock outlives the notifier. To be called while
  // the process has one thread (it initialises libcurl).
  static Result<std::unique_ptr<SmtpNotifier>> Make(SmtpSettings settings, const Clock& clock);
  ~SmtpNotifier() override;

  Status Send(const Message& message) override;

 private:
  struct Session;
  SmtpNotifier(SmtpSettings settings, const Clock& clock, std::unique_ptr<Session> session);

  const SmtpSettings settings_;
  const Clock& clock_;
  std::unique_ptr<Session> session_;
};

}  // namespace sspr::service
