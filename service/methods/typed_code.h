// SPDX-License-Identifier: Apache-2.0
// What a person types as a code: spaces and hyphens between the digits are left out, nothing else
// is made right.
#pragma once

#include <optional>

#include "common/base/secret.h"

namespace sspr::service {

// Exactly `length` ASCII digits, or nothing.
std::optional<Secret> DigitsOf(const Secret& typed, int length);

}  // namespace sspr::service
