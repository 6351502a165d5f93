// SPDX-License-Identifier: Apache-2.0
// What the doctor looks at on the machine itself. Each adds its findings; none changes anything.
#pragma once

#include <set>
#include <string>

#include "pam_module/doctor/machine_view.h"
#include "pam_module/doctor/report.h"
#include "pam_module/machine/machine.h"

namespace sspr::doctor {

// Owners and modes of what must be somebody's alone, and what is missing.
void CheckFiles(const MachineView& view, const Machine& machine, Report& report);
// The device's key, its id and the keys of permits, as far as files tell.
void CheckEnrolment(const MachineView& view, const Machine& machine, Report& report);
// Every PAM service, its front end, empty passwords, login's own time. Gives the sockets of
// sspr-flow that the modules' lines name.
std::set<std::string> CheckLogins(const MachineView& view, Report& report);

// Our lines in account, password and session, demands within the authentication, and the place of
// pam_faillock.
void CheckPhases(const MachineView& view, const Machine& machine, Report& report);
// Where SSSD or winbind signs people in behind our line: whether they keep passwords for offline
// sign-ins, and whether sspr-online could tell them that the directory is there.
void CheckDirectoryAccounts(const MachineView& view, Report& report);

}  // namespace sspr::doctor
