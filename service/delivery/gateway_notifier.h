// SPDX-License-Identifier: Apache-2.0
// Notifier for text messages and calls: one HTTPS request per message to a provider's gateway, by a
// template that fits forms and JSON (docs/sms-gateways.md has those of large providers).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "service/delivery/gateway_template.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct GatewaySettings {
  std::string url;  // https://…; http:// to this machine alone. Empty: there is no gateway
  BodyFormat format = BodyFormat::kForm;
  std::string body;           // see gateway_template.h
  std::string user;           // HTTP basic authentication, with the secret; or empty
  std::string secret_header;  // a header that carries the secret, as in "X-Api-Key"; or empty
  std::string secret_scheme;  // a word before it in the header, as in "Bearer"
  std::string secret_file;    // first line; read once
  std::string expect;   // a text that the reply of a success holds; empty: the status is enough
  std::string ca_file;  // PEM; trusted instead of the system's store. Empty: the system's
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds request{30'000};
};

class GatewayNotifier final : public Notifier {
 public:
  // Connects to nothing yet. kInternal, with a sentence for the administrator, when the settings
  // are unfit or the secret cannot be read. To be called while the process has one thread.
  static Result<std::unique_ptr<GatewayNotifier>> Make(GatewaySettings settings);
  ~GatewayNotifier() override;

  // message.channel is kSms or kVoice; message.to is E.164.
  Status Send(const Message& message) override;

 private:
  struct Session;
  GatewayNotifier(GatewaySettings settings, std::unique_ptr<Session> session);

  const GatewaySettings settings_;
  std::unique_ptr<Session> session_;
};

}  // namespace sspr::service
