// SPDX-License-Identifier: Apache-2.0
// The steps from an empty database to the newest schema; step n leads to version n, from 1.
#pragma once

#include <span>

namespace sspr::service {

std::span<const char* const> Migrations();

}  // namespace sspr::service
