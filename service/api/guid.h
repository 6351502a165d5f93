// SPDX-License-Identifier: Apache-2.0
// GUIDs: correlation and trace ids. MSAL for iOS parses them, so they have to be well formed.
#pragma once

#include <string>
#include <string_view>

namespace sspr::service {

// A random one (RFC 9562, version 4), lower case.
std::string NewGuid();

// Eight, four, four, four and twelve hexadecimal digits with hyphens between, any version.
bool IsGuid(std::string_view text);

// The first 16 of some bytes as a GUID (version 8): a stable id made from a digest.
std::string GuidOf(std::string_view sixteen_bytes);

}  // namespace sspr::service
