// SPDX-License-Identifier: Apache-2.0
// What a device may say of itself.
#pragma once

#include <cstddef>
#include <string_view>

namespace sspr::service {

inline constexpr std::size_t kMostDeviceNameBytes = 64;
inline constexpr std::size_t kMostDeviceOsBytes = 128;
inline constexpr std::size_t kMostDeviceVersionsBytes = 512;

bool IsDeviceName(std::string_view name);

}  // namespace sspr::service
