// SPDX-License-Identifier: Apache-2.0
// The key of tokens on the disk, and the one before it.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr::service {

// Where the key before this one is kept: "token.previous.key" for "token.key".
std::string PreviousTokenKey(const std::string& key_file);

// Makes a new P-256 key in the place of key_file and keeps the old one as the previous; one that
// was kept before is forgotten. Cut off anywhere, there is a key in key_file. kInternal.
Status RotateTokenKey(const std::string& key_file);

}  // namespace sspr::service
