// SPDX-License-Identifier: Apache-2.0
// The picture of the sign-in option: drawn, so that no resource has to be loaded.
#pragma once

#include <windows.h>

namespace sspr {

// Null when it cannot be made. The caller deletes it.
HBITMAP MakeTileImage() noexcept;

}  // namespace sspr
