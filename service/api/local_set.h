// SPDX-License-Identifier: Apache-2.0
// The local_set parameter of /start: JSON from an anonymous caller, read strictly.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "service/flow_service.h"

namespace sspr::service {

// kPolicy when it is not exactly {"account","device_id","nonce"} with a user name that can be
// carried and base64url of 32 bytes each.
Result<LocalSet> ReadLocalSet(std::string_view json);

}  // namespace sspr::service
