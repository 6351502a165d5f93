// SPDX-License-Identifier: Apache-2.0
// One line of the audit: {"chain", "n", members, "prev": hash, "hash": hash}, where the last is the
// SHA-256 of all before it. ASCII: every other character is escaped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/audit/audit_event.h"

namespace sspr::service {

// The last record of a chain. A chain begins at number 1, behind the record of another chain that
// was the newest then ("after"), or behind none.
struct ChainEnd {
  std::string chain;         // 16 hexadecimal digits
  std::uint64_t number = 0;  // of the last record; 0: there is none
  std::string hash;          // hexadecimal; of no record: 64 zeros
};

std::string NoHash();

// Without the newline; end becomes the end of the chain with this line. after is for the first
// record of a chain: what it begins behind, as "CHAIN/N"; end.hash is then the hash of that.
std::string AuditLine(const AuditEvent& event, UnixSeconds now, std::string_view after,
                      ChainEnd& end);

struct AuditLink {
  ChainEnd end;       // with this line
  std::string prev;   // hash of the record before
  std::string after;  // of a first record: what it says to begin behind
};

// The line's place in its chain, when its hash is right.
std::optional<AuditLink> ReadAuditLink(std::string_view line);

// The event that a line tells of and its time; nothing when it is none.
struct AuditReading {
  AuditEvent event;
  std::string time;  // "2026-11-28T04:00:00Z"
  UnixSeconds at = 0;
  std::string chain;
  std::uint64_t number = 0;
};
std::optional<AuditReading> ReadAuditLine(std::string_view line);

}  // namespace sspr::service
