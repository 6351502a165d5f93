// SPDX-License-Identifier: Apache-2.0
// Enrolled devices, the tokens that enrol them, and the proofs that were seen: rows, and the few
// steps that must be taken whole. Throws StoreFailure. Safe from several threads and processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/device_records.h"
#include "service/store/sql_database.h"

namespace sspr::service {

class DeviceTable {
 public:
  explicit DeviceTable(SqlDatabase& database) : database_(database) {}

  void InsertToken(const EnrolmentTokenRecord& token);
  // Newest first; those that have expired or are used up too.
  std::vector<EnrolmentTokenRecord> ListTokens();
  bool DeleteToken(std::string_view id);

  enum class Enrolment {
    kEnrolled,
    kAgain,       // the same key by the same token: nothing of it was used up
    kBadToken,    // unknown, too old or used up
    kKeyRevoked,  // the key is of a device that was revoked
  };
  // Uses the token once and inserts the device, or neither. The device's group and enrolment become
  // those of the token. A device that is known is only given its new name, os and versions.
  Enrolment Enrol(std::string_view token_digest, DeviceRecord& device, UnixSeconds now);

  std::optional<DeviceRecord> Find(std::string_view id);
  // By name, then id.
  std::vector<DeviceRecord> List();
  bool Rename(std::string_view id, std::string_view name);
  // False: there is no such device, or it is revoked already.
  bool Revoke(std::string_view id, std::string_view because, UnixSeconds now);
  bool Delete(std::string_view id);
  // Notes what a heartbeat says. False when its number is not above the last one's, which is noted
  // too. A sequence of 0 is not compared.
  bool TakeHeartbeat(std::string_view id, std::string_view os, std::string_view versions,
                     std::int64_t sequence, UnixSeconds now);

  // True for exactly one caller until then; also forgets what has expired.
  bool SpendProof(std::string_view digest, UnixSeconds expires_at, UnixSeconds now);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
