// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/fill_text.h"

namespace sspr::service {

bool FillText(SecretBody& out, std::string_view text, std::span<const TextField> fields) {
  while (!text.empty()) {
    const TextField* first = nullptr;
    std::size_t at = text.size();
    for (const TextField& field : fields) {
      const std::size_t found = text.find(field.mark);
      if (found < at) {
        at = found;
        first = &field;
      }
    }
    if (!out.Append(text.substr(0, at))) return false;
    if (first == nullptr) return true;
    if (!out.Append(first->value)) return false;
    text.remove_prefix(at + first->mark.size());
  }
  return true;
}

}  // namespace sspr::service
