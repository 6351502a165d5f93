// SPDX-License-Identifier: Apache-2.0
// A password as Active Directory takes it (MS-ADTS 3.1.1.3.1.5), and what its rules count of it.
#pragma once

#include <optional>

#include "common/base/secret.h"

namespace sspr::service {

// UTF-16, the little end first, with quotation marks around it.
using Utf16Password = SecretBuffer<2 * 512 + 8>;

// Nothing when the password is empty, no UTF-8, or has a NUL.
std::optional<Utf16Password> Utf16Of(const Secret& password);

struct PasswordShape {
  std::size_t code_units = 0;
  int kinds = 0;  // of five: capitals, small letters, digits, signs, letters without a case
};
PasswordShape ShapeOf(const Secret& password);

}  // namespace sspr::service
