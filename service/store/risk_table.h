// SPDX-License-Identifier: Apache-2.0
// What is kept of risks beside their level: under which id others know a user, which reports were
// taken, which resets ended a risk, and what is to be reported back. Throws StoreFailure. Safe from
// several threads and processes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// One risk that is over, to be told to where it came from.
struct OutboxRecord {
  std::string id;
  std::string external_id;
  std::string user_id;
  std::string transaction_id;
  UnixSeconds queued_at = 0;
  UnixSeconds not_before = 0;
  int tries = 0;
};

class RiskTable {
 public:
  explicit RiskTable(SqlDatabase& database) : database_(database) {}

  // Empty takes it away. False when it is another user's.
  bool PutExternalId(std::string_view user_id, std::string_view external_id);
  std::optional<std::string> ExternalIdOf(std::string_view user_id);
  std::optional<std::string> UserOf(std::string_view external_id);

  // True for exactly one caller; forgets reports of before `forget_before`.
  bool TakeReport(std::string_view digest, UnixSeconds now, UnixSeconds forget_before);

  // Once for each transaction; with the entry of the outbox, where there is one.
  void NoteRemediation(std::string_view transaction_id, std::string_view user_id, UnixSeconds now,
                       const std::optional<OutboxRecord>& report);
  int CountRemediations(std::string_view user_id, UnixSeconds since);

  // Those that are due, the oldest first, each for one caller: they are due again at `lease_until`.
  std::vector<OutboxRecord> Claim(int most, UnixSeconds now, UnixSeconds lease_until);
  void Forget(const std::vector<OutboxRecord>& done);
  void Defer(const std::vector<OutboxRecord>& failed, UnixSeconds not_before);
  // Oldest first.
  std::vector<OutboxRecord> ListOutbox();

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
