// SPDX-License-Identifier: Apache-2.0
// What the doctor asks of those who answer: the two programs behind their sockets, and the service.
// Nothing is changed by it; the service notes that it heard of the device.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "pam_module/doctor/machine_view.h"
#include "pam_module/doctor/report.h"
#include "pam_module/machine/machine.h"
#include "pam_module/machine/machine_transport.h"

namespace sspr::doctor {

// path: as a path of the machine.
void CheckFlowSocket(const MachineView& view, const std::string& path, Report& report);
void CheckSetpwSocket(const MachineView& view, const Machine& machine, Report& report);

// Reachable, its certificate, its clock and ours, its protocol, its keys, and what it says of this
// device. The link has the device's key from then on, where there is one.
void CheckService(const Machine& machine, DeviceLink& link, const Clock& clock, Report& report);

}  // namespace sspr::doctor
