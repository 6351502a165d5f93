// SPDX-License-Identifier: Apache-2.0
// Everything that sspr-flow gives up once it has read its configuration, in order: the user it was
// started as, files and ports, system calls.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/config/client_config.h"

namespace sspr {

// As the configuration says; without one, nothing but the default user and the way to the log.
// plugin: the HTTP library, which is loaded later. kInternal: the process must end.
Status Confine(const ClientConfig* config, const std::string& plugin);

// Of an https URL: 443 where it names none, 0 where it names something that is no port.
std::uint16_t PortOf(const std::string& url);

}  // namespace sspr
