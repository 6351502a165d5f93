// SPDX-License-Identifier: Apache-2.0
// The banned words that are shipped: what people of several languages begin passwords with.
#pragma once

#include <span>
#include <string_view>

namespace sspr::service {

// Small ASCII letters, in the form in which they are compared (see banned_terms.h).
std::span<const std::string_view> CommonTerms();

}  // namespace sspr::service
