// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw left open is settled by the service's word, without a person: sspr-flow
// --recover, at boot and from time to time.
#pragma once

#include <functional>
#include <string_view>

#include "common/client/service_client.h"
#include "common/client/setpw_link.h"

namespace sspr {

struct SettlingResult {
  bool reached_setpw = false;
  int settled = 0;
  int still_open = 0;
};

// say is called with one line for each entry.
SettlingResult SettlePending(ServiceClient& service, SetpwLink& setpw, const MachineLog& log,
                             const std::function<void(std::string_view)>& say);

}  // namespace sspr
