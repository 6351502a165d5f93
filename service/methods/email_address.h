// SPDX-License-Identifier: Apache-2.0
// E-mail addresses of users: which ones we keep, and how much of one we show before anybody has
// proved anything. Of the part before '@' nothing is shown, so that the hint of a user who does not
// exist can be the same.
#pragma once

#include <string>
#include <string_view>

namespace sspr::service {

// A bare ASCII address, local@domain, of at most 254 bytes (RFC 5321), with nothing in it that
// means anything to a mail program.
bool IsPlainEmailAddress(std::string_view address);

// "example.org" becomes "e***.org".
std::string MaskedDomain(std::string_view address);
// The hint that a person sees: "***@e***.org".
std::string EmailHint(std::string_view masked_domain);

}  // namespace sspr::service
