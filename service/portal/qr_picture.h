// SPDX-License-Identifier: Apache-2.0
// A QR code as an <svg> that stands in the page itself: nothing to fetch, nothing that is kept.
#pragma once

#include <string>
#include <string_view>

namespace sspr::service {

// label: the text for who does not see it; escaped by this. Empty when the text does not fit.
std::string QrPicture(std::string_view text, std::string_view label);

}  // namespace sspr::service
