// SPDX-License-Identifier: Apache-2.0
// The keys that sign permits, as discovery, enrolment and heartbeats list them.
#pragma once

#include <json/value.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sspr::service {

struct PermitKey {
  std::uint16_t id = 0;
  std::string public_key;       // 32 bytes
  std::string succession = {};  // the statement of the key before; empty: it is the first
};

// An array of objects: kid, public_key and, behind the first, succession.
Json::Value ToJson(const std::vector<PermitKey>& keys);

}  // namespace sspr::service
