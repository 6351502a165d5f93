// SPDX-License-Identifier: Apache-2.0
// What the administrator's tools know of a machine: where its files are, what sspr.conf says, and
// what the machine is called. The files may be below another folder than / (an image, a test).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/config/client_config.h"
#include "common/config/setpw_config.h"
#include "common/protocol/device_messages.h"

namespace sspr {

struct Machine {
  std::string root;         // "" for /, else a folder without a slash at its end
  std::string config_file;  // as a path of the machine
  ClientConfig client;
  SetpwConfig setpw;

  // Where a path of the machine is.
  std::string At(const std::string& path) const { return root + path; }
  std::string KeyFile() const { return At(client.device_key_file); }
  std::string DeviceIdFile() const { return At(setpw.device_id_file); }
  std::string PermitKeyFile() const { return At(setpw.permit_key_file); }
  std::string SuccessionFile() const { return PermitKeyFile() + ".succession"; }
  std::string CaFile() const { return client.ca_file.empty() ? "" : At(client.ca_file); }
};

// The --root of a command line as Machine::root has it. kPolicy when it is no folder.
Result<std::string> RootFolder(const std::string& given);

// kPolicy or kInternal, naming file and line, when the configuration is refused by one of the
// programs that read it.
Result<Machine> LoadMachine(const std::string& root, const std::string& config_file);

// The uid of an account of the machine's own passwd file.
std::optional<uid_t> UidIn(const Machine& machine, const std::string& user);

// Host name, operating system and our version, cut to what the service takes.
DeviceFacts FactsOf(const Machine& machine);

}  // namespace sspr
