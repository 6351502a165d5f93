// SPDX-License-Identifier: Apache-2.0
// What our configuration may say where something is: a scheme, a host, a port, a path.
#pragma once

#include <optional>
#include <string>

namespace sspr {

struct UrlParts {
  std::string scheme;  // lower case
  std::string host;    // ASCII, without the brackets of an IPv6 address
};

// Nothing when the text is no URL, or has a user, a password, a zone, a query, a fragment, or
// characters other than visible ASCII (a host name in another script is to be written as xn--).
std::optional<UrlParts> SplitUrl(const std::string& text);

}  // namespace sspr
