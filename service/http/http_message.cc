// SPDX-License-Identifier: Apache-2.0
// Header look-up: names are compared without regard to ASCII case (RFC 9110, 5.1).
#include "service/http/http_message.h"

#include <algorithm>

namespace sspr::service {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view HttpRequestView::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (std::ranges::equal(name, lower_case_name, {}, Lower)) return value;
  }
  return {};
}

}  // namespace sspr::service
