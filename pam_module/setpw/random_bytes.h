// SPDX-License-Identifier: Apache-2.0
// Random bytes of the kernel (getrandom(2)).
#pragma once

#include <span>

namespace sspr::setpw {

// False when the kernel has none; out is then not to be used.
bool FillRandom(std::span<char> out) noexcept;

}  // namespace sspr::setpw
