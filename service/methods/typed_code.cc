// SPDX-License-Identifier: Apache-2.0
#include "service/methods/typed_code.h"

namespace sspr::service {

std::optional<Secret> DigitsOf(const Secret& typed, int length) {
  std::optional<Secret> digits(std::in_place);
  for (const char& c : typed.Reveal()) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9' || !digits->Append({&c, 1})) return std::nullopt;
  }
  if (digits->size() != static_cast<std::size_t>(length)) return std::nullopt;
  return digits;
}

}  // namespace sspr::service
