// SPDX-License-Identifier: Apache-2.0
// Real SMTP servers for the tests of the notifier, and messages to send to them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/delivery/notifier.h"
#include "service/delivery/smtp_notifier.h"
#include "tests/levers/lever_process.h"

namespace sspr::service {

class FixedClock final : public Clock {
 public:
  UnixSeconds Now() const override { return 1'795'381'505; }  // Sun, 22 Nov 2026 21:05:05 UTC
  std::chrono::milliseconds Monotonic() const override { return {}; }
};

inline Message MessageOf(std::string to, std::string subject, std::string_view text) {
  auto body = SecretBody::CopyOf(text);
  if (!body) throw std::runtime_error("too long for a message");
  return {std::move(to), std::move(subject), std::move(*body)};
}

// One for the whole test program; every use begins with an empty sink.
inline LeverProcess& EmptySmtpSink() {
  static LeverProcess sink({SMTP_SINK});
  sink.Ask("clear");
  return sink;
}

inline SmtpSettings SettingsFor(LeverProcess& sink, const std::string& server) {
  SmtpSettings settings;
  settings.url = sink.Value(server);
  settings.ca_file = sink.Value("ca_file");
  settings.from_address = "no-reply@sspr.example";
  settings.from_name = "SSPR Login";
  return settings;
}

}  // namespace sspr::service
