// SPDX-License-Identifier: Apache-2.0
// The configuration of sspr-flow.exe: values of HKLM\SOFTWARE\Policies\SSPR Login, and where those
// are silent of HKLM\SOFTWARE\SSPR Login, which the installer writes. Checked by the same rules as
// sspr.conf elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/client_config.h"

namespace sspr {

Result<ClientConfig> LoadRegistryConfig();

// "DOMAIN\user" as the service knows it: without the domain, in the place that the configuration
// names; a name with a domain of its own ("user@corp.example") as it is.
std::string ServiceNameOf(const ClientConfig& config, std::string_view user);

}  // namespace sspr
