// SPDX-License-Identifier: Apache-2.0
// Overwrites memory in a way that the compiler may not remove.
#pragma once

#include <cstddef>

namespace sspr {

void Wipe(void* memory, std::size_t size) noexcept;

}  // namespace sspr
