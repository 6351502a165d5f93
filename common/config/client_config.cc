// SPDX-License-Identifier: Apache-2.0
#include "common/config/client_config.h"

#include <algorithm>
#include <iterator>

#include "common/base/text.h"
#include "common/config/known_keys.h"

namespace sspr {
namespace {

constexpr std::string_view kUserMark = "{user}";
constexpr int kMostGates = 4;
constexpr std::size_t kMaxProductBytes = 60;
constexpr int kLowestUid = 1;
constexpr int kHighestUid = 60000;

bool IsUrlByte(char c) {
  constexpr std::string_view kMarks = "-._~:/[]%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// Empty when the URL is fit to be a base: https, a host, no user, no query.
std::string FaultOfUrl(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return "'url' must begin with https://";
  url.remove_prefix(kScheme.size());
  if (!std::ranges::all_of(url, IsUrlByte)) {
    return "'url' must be https://host[:port]/tenant and nothing else";
  }
  const std::string_view host = url.substr(0, url.find('/'));
  if (host.empty() || host.starts_with(':')) return "'url' names no host";
  if (url.find("//") != std::string_view::npos) return "'url' has an empty part";
  return "";
}

Status ReadService(const IniFile& file, ClientConfig& config) {
  const IniEntry* url = file.Find("service", "url");
  if (url == nullptr) return file.Refuse("'url' in [service] is missing");
  const std::string fault = FaultOfUrl(url->value);
  if (!fault.empty()) return file.Refuse(*url, fault);
  config.base_url = url->value;
  while (config.base_url.ends_with('/')) config.base_url.pop_back();

  Result<std::string> ca_file = file.PathOr("service", "ca_file", "");
  if (!ca_file.ok()) return ca_file.error();
  config.ca_file = std::move(ca_file).value();

  config.client_id = file.ValueOr("service", "client_id", config.client_id);
  const bool plain = std::ranges::all_of(config.client_id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (!plain || config.client_id.empty() || config.client_id.size() > 128) {
    return file.Refuse(*file.Find("service", "client_id"),
                       "'client_id' must be letters, digits, '-', '_' and '.'");
  }
  config.language = file.ValueOr("service", "language", "");
  constexpr std::string_view kLanguages[] = {"en", "de", "fr", "es", "ar"};
  if (const IniEntry* entry = file.Find("service", "language");
      entry != nullptr && std::ranges::find(kLanguages, config.language) == std::end(kLanguages)) {
    return file.Refuse(*entry, "'language' must be en, de, fr, es or ar");
  }
  return Ok();
}

Status ReadWords(const IniFile& file, ClientConfig& config) {
  config.username = file.ValueOr("service", "username", config.username);
  const std::size_t mark = config.username.find(kUserMark);
  std::string around = config.username;
  if (mark != std::string::npos) around.replace(mark, kUserMark.size(), "u");
  if (mark == std::string::npos || !IsCarriableUserName(around)) {
    return file.Refuse(*file.Find("service", "username"),
                       "'username' must hold {user} once, and be a user name otherwise");
  }
  config.product_name = file.ValueOr("service", "product_name", "");
  if (config.product_name.size() > kMaxProductBytes) {
    return file.Refuse(*file.Find("service", "product_name"), "'product_name' is too long");
  }
  config.helpdesk = file.ValueOr("service", "helpdesk", "");
  Result<int> min_gates = file.NumberOr("service", "min_gates", config.min_gates, 1, kMostGates);
  if (!min_gates.ok()) return min_gates.error();
  config.min_gates = *min_gates;
  return Ok();
}

Status ReadMachine(const IniFile& file, ClientConfig& config) {
  Result<std::string> resume = file.PathOr("machine", "resume_secret_file", "/etc/sspr/resume.key");
  if (!resume.ok()) return resume.error();
  config.resume_secret_file = std::move(resume).value();
  Result<std::string> device_key = file.PathOr("machine", "device_key_file", kDefaultDeviceKeyFile);
  if (!device_key.ok()) return device_key.error();
  config.device_key_file = std::move(device_key).value();
  config.device_key_named = file.Find("machine", "device_key_file") != nullptr;
  Result<std::string> socket = file.PathOr("machine", "setpw_socket", "/run/sspr/setpw.sock");
  if (!socket.ok()) return socket.error();
  config.setpw_socket = std::move(socket).value();
  Result<int> min_uid =
      file.NumberOr("machine", "min_uid", config.min_uid, kLowestUid, kHighestUid);
  if (!min_uid.ok()) return min_uid.error();
  config.min_uid = *min_uid;
  config.flow_user = file.ValueOr("machine", "flow_user", kDefaultFlowUser);
  if (!IsCarriableUserName(config.flow_user) || config.flow_user == "root") {
    return file.Refuse(*file.Find("machine", "flow_user"),
                       "'flow_user' must be an account without privileges");
  }
  return Ok();
}

}  // namespace

std::string ClientConfig::ServiceUserName(std::string_view user) const {
  std::string name = username;
  name.replace(name.find(kUserMark), kUserMark.size(), user);
  return name;
}

Result<ClientConfig> ReadClientConfig(const IniFile& file) {
  const Status known = file.OnlyKnown(kKnownKeys);
  if (!known.ok()) return known.error();
  ClientConfig config;
  for (const auto& read : {ReadService, ReadWords, ReadMachine}) {
    const Status status = read(file, config);
    if (!status.ok()) return status.error();
  }
  Result<KioskConfig> kiosk = ReadKioskConfig(file);
  if (!kiosk.ok()) return kiosk.error();
  config.kiosk = std::move(kiosk).value();
  return config;
}

}  // namespace sspr
