// SPDX-License-Identifier: Apache-2.0
// Bytes in the fields of forms, as base64url of whatever length.
#pragma once

#include <string>
#include <string_view>

namespace sspr::service {

std::string ToBase64Url(std::string_view bytes);
// Empty for what is no base64url.
std::string FromBase64UrlText(std::string_view text);

}  // namespace sspr::service
