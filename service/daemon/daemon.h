// SPDX-License-Identifier: Apache-2.0
// The running service: engine, mail, HTTPS put together from a configuration.
#pragma once

#include <functional>
#include <string>

#include "common/base/result.h"
#include "service/config/service_config.h"

namespace sspr::service {

// Checks what can be checked without serving: certificate, keys, mail settings. kPolicy otherwise.
Status CheckService(const ServiceConfig& config);

struct ServiceHooks {
  // Called once the port is known and bound, before anything else; may set config.public_url.
  std::function<Status(ServiceConfig& config)> on_bound;
  // Called when the database is open, before the first request is served.
  std::function<Status(const ServiceConfig& config)> on_open;
};

// Serves until SIGTERM or SIGINT. To be called once, while the process has one thread.
Status RunService(ServiceConfig config, const ServiceHooks& hooks);

}  // namespace sspr::service
