// SPDX-License-Identifier: Apache-2.0
// The [kiosk] section of sspr.conf: a device that strangers share. docs/configuration.md says
// what it means.
#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "common/config/ini_file.h"

namespace sspr {

struct KioskConfig {
  bool enabled = false;
  // Ways to prove who one is; the others are not offered. Phone: a hand-off to its browser.
  bool email = true;
  bool app = true;
  bool approval = true;
  bool phone = true;
  std::chrono::seconds idle{90};  // nobody answers for so long: the reset ends
  int starts_per_hour = 20;       // of this device, whoever asks
  std::string budget_folder = "/run/sspr-flow";
};

// kPolicy with file and line.
Result<KioskConfig> ReadKioskConfig(const IniFile& file);

}  // namespace sspr
