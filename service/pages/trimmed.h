// SPDX-License-Identifier: Apache-2.0
// A part of a list in a header or a file, without the blanks around it.
#pragma once

#include <string_view>

namespace sspr::service {

constexpr std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace sspr::service
