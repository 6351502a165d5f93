// SPDX-License-Identifier: Apache-2.0
// The way to the service of the machine's configuration, for the administrator's tools: a transport
// for the DeviceLink.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/client/device_link.h"
#include "common/http/http_transport.h"
#include "pam_module/machine/machine.h"

namespace sspr {

class WallClock final : public Clock {
 public:
  UnixSeconds Now() const override;
  std::chrono::milliseconds Monotonic() const override;
};

// A transport to the service of the machine's configuration. kInternal when there is none to be
// had.
Result<std::unique_ptr<HttpTransport>> OpenTransportOf(const Machine& machine, const char* program);

}  // namespace sspr
