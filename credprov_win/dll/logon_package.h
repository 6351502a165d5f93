// SPDX-License-Identifier: Apache-2.0
// The number of LSA's Negotiate package. Asks LSA, so it belongs where waiting is allowed.
#pragma once

#include <windows.h>

namespace sspr {

bool FindLogonPackage(ULONG& package) noexcept;

}  // namespace sspr
