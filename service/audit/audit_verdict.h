// SPDX-License-Identifier: Apache-2.0
// What a check of the audit file found.
#pragma once

#include <cstdint>
#include <string>

namespace sspr::service {

struct AuditVerdict {
  bool intact = false;
  std::uint64_t records = 0;
  std::string detail;  // when not intact: the line and what is wrong with it
};

}  // namespace sspr::service
