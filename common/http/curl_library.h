// SPDX-License-Identifier: Apache-2.0
// The one place that initialises libcurl for a process.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr {

// Removes from the environment what would change where a connection goes, whom it trusts or who can
// read it (proxies, trust stores, key logs, resolver options), then initialises libcurl and OpenSSL
// with an allocator that wipes what it frees, as libcurl's buffers hold passwords and codes. To be
// called before any use of libcurl, while the process has one thread; later calls do nothing.
Status InitialiseCurl();

// A fresh random GUID, lower case, for correlation. Empty when the machine has no random numbers.
std::string NewGuid();

}  // namespace sspr
