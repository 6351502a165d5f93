// SPDX-License-Identifier: Apache-2.0
// Tells the service manager that the service is up (sd_notify(3), without its library).
#pragma once

namespace sspr::service {

// Does nothing when NOTIFY_SOCKET is not set. message: "READY=1" or "STOPPING=1".
void NotifyServiceManager(const char* message);

}  // namespace sspr::service
