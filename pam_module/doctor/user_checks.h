// SPDX-License-Identifier: Apache-2.0
// What would happen if somebody asked for a reset at a PAM service, without doing it. Asked of
// those who would decide: the module's own reading of its line, and sspr-setpw's rules.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "pam_module/doctor/machine_view.h"
#include "pam_module/doctor/report.h"
#include "pam_module/machine/machine.h"
#include "pam_module/machine/machine_transport.h"

namespace sspr::doctor {

struct UserQuestion {
  std::string user;
  std::string service;
};

// The account and the login, by the machine's files alone.
void CheckUser(const MachineView& view, const Machine& machine, const UserQuestion& question,
               const Clock& clock, Report& report);
// Whether the service would reset it, which it tells an enrolled device only.
void CheckUserAtService(const Machine& machine, const std::string& user, DeviceLink& link,
                        Report& report);

}  // namespace sspr::doctor
