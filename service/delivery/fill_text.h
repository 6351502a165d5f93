// SPDX-License-Identifier: Apache-2.0
// Texts with marks in them, as in "Hello {name}".
#pragma once

#include <span>
#include <string_view>

#include "common/base/secret.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct TextField {
  std::string_view mark;
  std::string_view value;
};

// Appends text with each mark replaced by its value; values are not searched for marks. False when
// it does not fit.
bool FillText(SecretBody& out, std::string_view text, std::span<const TextField> fields);

}  // namespace sspr::service
