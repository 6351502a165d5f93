// SPDX-License-Identifier: Apache-2.0
// What sspr-flow reads from /etc/sspr/sspr.conf. docs/configuration.md explains each key.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/ini_file.h"
#include "common/config/kiosk_config.h"

namespace sspr {

struct ClientConfig {
  std::string base_url;  // https://host[:port][/path], no trailing '/'
  std::string ca_file;   // empty: the system's trust store
  std::string client_id = "sspr-login";
  std::string language;             // empty: the host's
  std::string username = "{user}";  // with {user} once
  std::string product_name;
  std::string helpdesk;
  int min_gates = 1;
  std::string resume_secret_file;
  std::string device_key_file;    // not there: this machine is not enrolled
  bool device_key_named = false;  // in the file: then a key that is not there is a fault
  std::string setpw_socket;
  std::string flow_user;
  int min_uid = 1000;
  KioskConfig kiosk;

  // The account as the service knows it.
  std::string ServiceUserName(std::string_view user) const;
};

inline constexpr char kDefaultFlowUser[] = "sspr";
inline constexpr char kDefaultDeviceKeyFile[] = "/etc/sspr/device.key";

// kPolicy or kInternal, with the file and the line in the detail.
Result<ClientConfig> ReadClientConfig(const IniFile& file);
Result<ClientConfig> LoadClientConfig(const std::string& path);

}  // namespace sspr
