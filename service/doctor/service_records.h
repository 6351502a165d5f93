// SPDX-License-Identifier: Apache-2.0
// Which servers DNS names for a service (RFC 2782).
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace sspr::service {

// Host names in small letters without the dot at the end. Empty: there are none. kUnreachable when
// no server of names answers.
Result<std::vector<std::string>> ServiceRecords(const std::string& name);

}  // namespace sspr::service
