// SPDX-License-Identifier: Apache-2.0
// Reads the service's INI file.
#include "service/config/service_config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

#include "common/config/ini_file.h"
#include "common/config/key_reader.h"
#include "service/config/directory_config.h"
#include "service/store/database_target.h"

namespace sspr::service {
namespace {

constexpr IniKey kKnown[] = {
    {"service", "listen"},
    {"service", "public_url"},
    {"service", "certificate_file"},
    {"service", "key_file"},
    {"service", "cors_origins"},
    {"service", "workers"},
    {"service", "product_name"},
    {"data", "folder"},
    {"data", "database"},
    {"data", "database_password_file"},
    {"data", "audit_file"},
    {"data", "secrets_key_file"},
    {"data", "permit_key_file"},
    {"data", "permit_key_id"},
    {"data", "token_key_file"},
    {"mail", "url"},
    {"mail", "from"},
    {"mail", "from_name"},
    {"mail", "user"},
    {"mail", "password_file"},
    {"mail", "ca_file"},
    {"mail", "require_starttls"},
    {"mail", "allow_plain_text"},
    {"sms", "url"},
    {"sms", "format"},
    {"sms", "body"},
    {"sms", "user"},
    {"sms", "secret_header"},
    {"sms", "secret_scheme"},
    {"sms", "secret_file"},
    {"sms", "expect"},
    {"sms", "ca_file"},
    {"voice", "url"},
    {"voice", "format"},
    {"voice", "body"},
    {"voice", "user"},
    {"voice", "secret_header"},
    {"voice", "secret_scheme"},
    {"voice", "secret_file"},
    {"voice", "expect"},
    {"voice", "ca_file"},
    {"portal", "branding_file"},
    {"directory", "type"},
    {"directory", "url"},
    {"directory", "start_tls"},
    {"directory", "ca_file"},
    {"directory", "bind_dn"},
    {"directory", "bind_password_file"},
    {"directory", "base"},
    {"directory", "user_filter"},
    {"directory", "id_attribute"},
    {"directory", "name_attribute"},
    {"directory", "account_attribute"},
    {"directory", "display_attribute"},
    {"directory", "group_base"},
    {"directory", "connections"},
    {"directory", "timeout"},
    {"on_premises", "type"},
    {"on_premises", "url"},
    {"on_premises", "start_tls"},
    {"on_premises", "ca_file"},
    {"on_premises", "bind_dn"},
    {"on_premises", "bind_password_file"},
    {"on_premises", "base"},
    {"on_premises", "user_filter"},
    {"on_premises", "id_attribute"},
    {"on_premises", "name_attribute"},
    {"on_premises", "account_attribute"},
    {"on_premises", "display_attribute"},
    {"on_premises", "group_base"},
    {"on_premises", "connections"},
    {"on_premises", "timeout"},
    {"follower", "type"},
    {"follower", "url"},
    {"follower", "start_tls"},
    {"follower", "ca_file"},
    {"follower", "bind_dn"},
    {"follower", "bind_password_file"},
    {"follower", "base"},
    {"follower", "user_filter"},
    {"follower", "id_attribute"},
    {"follower", "name_attribute"},
    {"follower", "account_attribute"},
    {"follower", "display_attribute"},
    {"follower", "group_base"},
    {"follower", "connections"},
    {"follower", "timeout"},
    {"follower2", "type"},
    {"follower2", "url"},
    {"follower2", "start_tls"},
    {"follower2", "ca_file"},
    {"follower2", "bind_dn"},
    {"follower2", "bind_password_file"},
    {"follower2", "base"},
    {"follower2", "user_filter"},
    {"follower2", "id_attribute"},
    {"follower2", "name_attribute"},
    {"follower2", "account_attribute"},
    {"follower2", "display_attribute"},
    {"follower2", "group_base"},
    {"follower2", "connections"},
    {"follower2", "timeout"},
    {"push", "contact"},
    {"push", "key_file"},
    {"push", "hosts"},
    {"push", "private_addresses"},
    {"push", "ca_file"},
    {"audit", "syslog"},
    {"audit", "syslog_ca_file"},
    {"operation", "metrics_listen"},
    {"operation", "metrics_token_file"},
    {"passwords", "breach_filter"},
    {"passwords", "breach_range_url"},
    {"passwords", "breach_range_ca_file"},
    {"graph", "tenant_id"},
    {"graph", "client_id"},
    {"graph", "certificate_file"},
    {"graph", "key_file"},
    {"graph", "base_url"},
    {"graph", "login_url"},
    {"graph", "ca_file"},
    {"graph", "poll_seconds"},
    {"graph", "risks"},
};

constexpr char kDefaultFolder[] = "/var/lib/sspr-service";
constexpr int kMostWorkers = 64;

void ReadService(KeyReader& reader, ServiceConfig& config) {
  auto listen = ParseListenAddress(reader.Needed("service", "listen"));
  if (listen && listen->port != 0) {
    config.listen = std::move(*listen);
  } else {
    reader.FailAt("service", "listen", "write a numeric address and a port, as in 127.0.0.1:8443");
  }
  config.public_url = reader.Needed("service", "public_url");
  if (!IsPublicUrl(config.public_url)) {
    reader.FailAt(
        "service", "public_url",
        "write https://HOST/TENANT or https://HOST:PORT/TENANT, without a slash at the end");
  }
  reader.Needed("service", "certificate_file");
  reader.Path("service", "certificate_file", config.certificate_file);
  reader.Needed("service", "key_file");
  reader.Path("service", "key_file", config.key_file);
  config.workers = static_cast<unsigned>(reader.Number("service", "workers", 4, 1, kMostWorkers));
  config.engine.issuer = reader.Text("service", "product_name", config.engine.issuer);

  std::string origins = reader.Text("service", "cors_origins", "");
  while (!origins.empty()) {
    const std::size_t end = std::min(origins.find(' '), origins.size());
    std::string origin = origins.substr(0, end);
    origins.erase(0, end + 1);
    if (origin.empty()) continue;
    if (!origin.starts_with("https://") || origin.ends_with('/') ||
        origin.find('*') != origin.npos) {
      reader.FailAt("service", "cors_origins",
                    "write whole origins, as in https://app.example.org");
    }
    config.cors_origins.push_back(std::move(origin));
  }
}

void ReadDatabase(KeyReader& reader, EngineSettings& engine) {
  const std::string target = reader.Text("data", "database", "");
  if (DialectOf(target) == Dialect::kSqlite) {
    reader.Path("data", "database", engine.database);
  } else if (const auto read = ReadPostgresqlTarget(target); read) {
    engine.database = target;
  } else {
    reader.FailAt("data", "database", read.error().detail);
  }
  reader.Path("data", "database_password_file", engine.database_password_file);
  if (!engine.database_password_file.empty() && DialectOf(target) == Dialect::kSqlite) {
    reader.FailAt("data", "database_password_file", "an SQLite file has no password");
  }
}

void ReadData(KeyReader& reader, ServiceConfig& config) {
  std::string folder = kDefaultFolder;
  reader.Path("data", "folder", folder);
  UseDataFolder(folder, config);
  ReadDatabase(reader, config.engine);
  reader.Path("data", "audit_file", config.engine.audit_file);
  reader.Path("data", "secrets_key_file", config.engine.secrets_key_file);
  reader.Path("data", "permit_key_file", config.engine.permit_key_file);
  reader.Path("data", "token_key_file", config.token_key_file);
  config.engine.permit_key_id =
      static_cast<std::uint16_t>(reader.Number("data", "permit_key_id", 1, 1, 65535));
}

void ReadMail(KeyReader& reader, ServiceConfig& config) {
  SmtpSettings& mail = config.mail;
  mail.url = reader.Needed("mail", "url");
  if (!mail.url.empty() && !mail.url.starts_with("smtp://") && !mail.url.starts_with("smtps://")) {
    reader.FailAt("mail", "url", "write smtp://HOST:PORT or smtps://HOST:PORT");
  }
  mail.from_address = reader.Needed("mail", "from");
  mail.from_name = reader.Text("mail", "from_name", config.engine.issuer);
  mail.user = reader.Text("mail", "user", "");
  reader.Path("mail", "password_file", mail.password_file);
  reader.Path("mail", "ca_file", mail.ca_file);
  mail.require_starttls = reader.Switch("mail", "require_starttls", false);
  mail.allow_plain_text = reader.Switch("mail", "allow_plain_text", false);
  if (mail.user.empty() != mail.password_file.empty()) {
    reader.FailAt("mail", mail.user.empty() ? "password_file" : "user",
                  "user and password_file are needed together");
  }
}

void ReadGateway(KeyReader& reader, const char* section, GatewaySettings& gateway) {
  gateway.url = reader.Text(section, "url", "");
  gateway.body = reader.Text(section, "body", "");
  gateway.user = reader.Text(section, "user", "");
  gateway.secret_header = reader.Text(section, "secret_header", "");
  gateway.secret_scheme = reader.Text(section, "secret_scheme", "");
  reader.Path(section, "secret_file", gateway.secret_file);
  gateway.expect = reader.Text(section, "expect", "");
  reader.Path(section, "ca_file", gateway.ca_file);
  const std::string format = reader.Text(section, "format", "form");
  if (format != "form" && format != "json") reader.FailAt(section, "format", "write form or json");
  gateway.format = format == "json" ? BodyFormat::kJson : BodyFormat::kForm;
  if (gateway.url.empty() != gateway.body.empty()) {
    reader.FailAt(section, gateway.url.empty() ? "body" : "url",
                  "url and body are needed together");
  }
}

void ReadPush(KeyReader& reader, PushSettings& push) {
  push.contact = reader.Text("push", "contact", "");
  reader.Path("push", "key_file", push.key_file);
  reader.Path("push", "ca_file", push.ca_file);
  push.private_addresses = reader.Switch("push", "private_addresses", false);
  if (!push.contact.empty() && !push.contact.starts_with("mailto:") &&
      !push.contact.starts_with("https://")) {
    reader.FailAt("push", "contact", "write mailto:ADDRESS or an https:// address");
  }
  std::string hosts = reader.Text("push", "hosts", "");
  if (!hosts.empty()) push.hosts.clear();
  while (!hosts.empty()) {
    const std::size_t end = std::min(hosts.find(' '), hosts.size());
    if (end > 0) push.hosts.push_back(hosts.substr(0, end));
    hosts.erase(0, end + 1);
  }
}

void ReadPasswords(KeyReader& reader, EngineSettings& engine) {
  reader.Path("passwords", "breach_filter", engine.breach_filter_file);
  reader.Path("passwords", "breach_range_ca_file", engine.breach_range.ca_file);
  engine.breach_range.url = reader.Text("passwords", "breach_range_url", "");
  const std::string& url = engine.breach_range.url;
  if (!url.empty() && (!url.starts_with("https://") || url.ends_with('/'))) {
    reader.FailAt("passwords", "breach_range_url",
                  "write https://HOST/PATH without a slash at the end");
  }
}

bool IsTenantOrClient(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.';
  });
}

void ReadGraph(KeyReader& reader, GraphSettings& graph) {
  graph.tenant_id = reader.Text("graph", "tenant_id", "");
  graph.client_id = reader.Text("graph", "client_id", "");
  reader.Path("graph", "certificate_file", graph.certificate_file);
  reader.Path("graph", "key_file", graph.key_file);
  reader.Path("graph", "ca_file", graph.ca_file);
  for (const auto& [key, url] :
       {std::pair{"base_url", &graph.base_url}, std::pair{"login_url", &graph.login_url}}) {
    *url = reader.Text("graph", key, *url);
    const std::string_view rest =
        std::string_view(*url).substr(std::min<std::size_t>(8, url->size()));
    if (!url->starts_with("https://") || rest.empty() || rest.find('/') != rest.npos) {
      reader.FailAt("graph", key, "write https://HOST or https://HOST:PORT");
    }
  }
  graph.poll_seconds = reader.Number("graph", "poll_seconds", graph.poll_seconds, 30, 86400);
  graph.risks = reader.Switch("graph", "risks", graph.risks);
  const bool any = !graph.tenant_id.empty() || !graph.client_id.empty() ||
                   !graph.certificate_file.empty() || !graph.key_file.empty();
  if (!any) return;
  if (!IsTenantOrClient(graph.tenant_id)) {
    reader.FailAt("graph", "tenant_id", "write the tenant's id or domain");
  }
  if (!IsTenantOrClient(graph.client_id)) {
    reader.FailAt("graph", "client_id", "write the id of the app registration");
  }
  reader.Needed("graph", "certificate_file");
  reader.Needed("graph", "key_file");
}

void ReadOperation(KeyReader& reader, ServiceConfig& config) {
  if (const std::string text = reader.Text("audit", "syslog", ""); !text.empty()) {
    auto target = ParseSyslogTarget(text);
    if (target) {
      config.syslog = std::move(*target);
      reader.Path("audit", "syslog_ca_file", config.syslog->ca_file);
    } else {
      reader.FailAt("audit", "syslog", target.error().detail);
    }
  } else if (!reader.Text("audit", "syslog_ca_file", "").empty()) {
    reader.FailAt("audit", "syslog_ca_file", "it is for syslog = tls://HOST:PORT");
  }
  reader.Path("operation", "metrics_token_file", config.metrics_token_file);
  const std::string where = reader.Text("operation", "metrics_listen", "");
  if (where.empty()) {
    if (!config.metrics_token_file.empty()) {
      reader.FailAt("operation", "metrics_token_file",
                    "it is for metrics_listen, which is not set");
    }
    return;
  }
  auto listen = ParseListenAddress(where);
  if (!listen || listen->port == 0) {
    reader.FailAt("operation", "metrics_listen",
                  "write a numeric address and a port, as in 127.0.0.1:9464");
    return;
  }
  const bool is_local = listen->address.starts_with("127.") || listen->address == "::1";
  if (!is_local && config.metrics_token_file.empty()) {
    reader.FailAt("operation", "metrics_listen",
                  "for others than this machine a metrics_token_file is needed");
  }
  config.metrics_listen = std::move(*listen);
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const Error refusal{Errc::kPolicy, std::string(text) + ": not a numeric address and a port"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refusal;
  std::string address(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  const bool v6 = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (v6) address = address.substr(1, address.size() - 2);
  if (inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), parsed.data()) != 1) return refusal;
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc() || end != digits.data() + digits.size()) return refusal;
  return ListenAddress{std::move(address), port};
}

bool IsPublicUrl(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return false;
  url.remove_prefix(kScheme.size());
  const std::size_t slash = url.find('/');
  if (slash == 0 || slash == std::string_view::npos || url.ends_with('/')) return false;
  if (url.find("//") != std::string_view::npos || url.find("/.") != std::string_view::npos)
    return false;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  const auto of_host = [&plain](char c) { return plain(c) || c == ':' || c == '[' || c == ']'; };
  return std::ranges::all_of(url.substr(0, slash), of_host) &&
         std::ranges::all_of(url.substr(slash), [&plain](char c) { return plain(c) || c == '/'; });
}

void UseDataFolder(const std::string& folder, ServiceConfig& config) {
  config.engine.database = folder + "/sspr.db";
  config.engine.audit_file = folder + "/audit.jsonl";
  config.engine.secrets_key_file = folder + "/secrets.key";
  config.engine.permit_key_file = folder + "/permit.key";
  config.token_key_file = folder + "/token.key";
  config.push.key_file = folder + "/push.key";
}

Result<ServiceConfig> LoadServiceConfig(const std::string& path) {
  const Result<IniFile> file = IniFile::Load(path);
  if (!file) return file.error();
  if (Status known = file->OnlyKnown(kKnown); !known) return known.error();
  ServiceConfig config;
  KeyReader reader(*file);
  ReadService(reader, config);
  ReadData(reader, config);
  ReadMail(reader, config);
  ReadGateway(reader, "sms", config.sms);
  ReadGateway(reader, "voice", config.voice);
  ReadPush(reader, config.push);
  ReadPasswords(reader, config.engine);
  reader.Path("portal", "branding_file", config.branding_file);
  ReadDirectory(reader, config.engine);
  ReadGraph(reader, config.engine.graph);
  if (NeedsGraph(config.engine)) reader.Needed("graph", "tenant_id");
  ReadOperation(reader, config);
  config.engine.connections = config.workers;
  if (!reader.fault()) return reader.fault().error();
  return config;
}

}  // namespace sspr::service
