// SPDX-License-Identifier: Apache-2.0
// One line of the audit file: {members, "prev": hash, "hash": hash}, where the last is the SHA-256
// of all before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/audit/audit_log.h"

namespace sspr::service {

struct ChainEnd {
  std::uint64_t number = 0;  // of the last line, from 1; 0: there is none
  std::string hash;          // hexadecimal; of no line: 64 zeros
};

ChainEnd EmptyChain();

// Without the newline. end becomes the end of the chain with this line.
std::string AuditLine(const AuditEvent& event, UnixSeconds now, ChainEnd& end);

// The end of the chain that the line makes, if its hash is right and it follows end; only the hash
// is checked when follows is null.
std::optional<ChainEnd> ReadAuditLine(std::string_view line, const ChainEnd* follows);

}  // namespace sspr::service
