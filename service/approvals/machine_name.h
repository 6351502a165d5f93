// SPDX-License-Identifier: Apache-2.0
// The name by which people know the computer that asks.
#pragma once

#include <string>
#include <string_view>

#include "service/store/device_table.h"

namespace sspr::service {

// Of the enrolled device with this id; empty where there is none, or it was revoked. Plain text of
// one line, not escaped.
std::string MachineName(DeviceTable& devices, std::string_view device_id);

}  // namespace sspr::service
