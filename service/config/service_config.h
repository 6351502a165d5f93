// SPDX-License-Identifier: Apache-2.0
// The configuration of sspr-service and ssprctl: one INI file, read strictly. Secrets are never in
// it, only the names of files that hold them. docs/service-configuration.md has every key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "service/approvals/push_notifier.h"
#include "service/audit/syslog_sink.h"
#include "service/delivery/gateway_notifier.h"
#include "service/delivery/smtp_notifier.h"
#include "service/engine/engine_settings.h"

namespace sspr::service {

inline constexpr char kDefaultConfigFile[] = "/etc/sspr-service/sspr-service.conf";

struct ListenAddress {
  std::string address;  // numeric
  std::uint16_t port = 0;
};

// "127.0.0.1:8443" or "[::1]:8443". Port 0 is taken for any free one. kPolicy otherwise.
Result<ListenAddress> ParseListenAddress(std::string_view text);

// https://host[:port]/tenant without a slash at the end, of the characters that need no escape.
bool IsPublicUrl(std::string_view url);

struct ServiceConfig {
  ListenAddress listen;
  std::string public_url;
  std::string certificate_file;
  std::string key_file;
  std::vector<std::string> cors_origins;
  unsigned workers = 4;
  EngineSettings engine;
  std::string token_key_file;
  SmtpSettings mail;
  GatewaySettings sms;        // without a url: no text messages
  GatewaySettings voice;      // without a url: no calls
  std::string branding_file;  // of the pages; empty: none
  PushSettings push;          // without a contact: phones are not woken, their page has to be open
  std::optional<SyslogTarget> syslog;  // of the audit
  ListenAddress metrics_listen;        // without an address: no metrics
  std::string metrics_token_file;      // empty: none is asked for
};

// The files of a data folder, with their usual names.
void UseDataFolder(const std::string& folder, ServiceConfig& config);

// kPolicy, "FILE:LINE: why", when the file is refused; kInternal when it cannot be read.
Result<ServiceConfig> LoadServiceConfig(const std::string& path);

// Makes the keys that are not there yet: of the secrets in the database, of permits (and its public
// half beside it, ".pub" for ".key"), of tokens. Never overwrites one. For ssprctl init and the
// demo.
Status CreateMissingKeys(const ServiceConfig& config);

}  // namespace sspr::service
