// SPDX-License-Identifier: Apache-2.0
// The rows of the audit. What they mean, and that they hang together, is service/audit's business.
#pragma once

#include <soci/session.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct AuditRow {
  std::string chain;
  std::int64_t n = 0;
  UnixSeconds at = 0;
  std::string event;
  std::string outcome;
  std::string user_id;
  std::string username;
  std::string actor;
  std::string device;
  std::string address;
  std::string seal;
  std::string line;
};

// Empty members ask for nothing.
struct AuditFilter {
  std::string username = {};
  std::string actor = {};
  std::string event = {};  // whole, or with a star at its end: all that begin so ("reset.*")
  std::string outcome = {};
  std::string address = {};
  std::string device = {};
  std::string text = {};  // anywhere in the line; capitals make no difference
  std::optional<UnixSeconds> since = {};
  std::optional<UnixSeconds> until = {};  // not included
  // Only what is older than this row, which the page before ended with.
  struct Place {
    UnixSeconds at = 0;
    std::string chain = {};
    std::int64_t n = 0;
  };
  std::optional<Place> before = {};
  int limit = 100;
};

struct AuditCount {
  UnixSeconds hour = 0;  // its first second
  std::string event;
  std::string outcome;
  std::int64_t count = 0;
};

class AuditTable {
 public:
  // Within a transaction of the caller's.
  static void Insert(soci::session& sql, const AuditRow& row);
  static std::optional<AuditRow> Newest(soci::session& sql);
  static std::optional<AuditRow> NewestOf(soci::session& sql, const std::string& chain);
  // The rows behind number n, in order.
  static std::vector<AuditRow> Behind(soci::session& sql, const std::string& chain, std::int64_t n,
                                      int limit);
  // Chains whose names begin so, those with the newest rows first.
  static std::vector<std::string> RecentChains(soci::session& sql, const std::string& prefix,
                                               int rows);

  explicit AuditTable(SqlDatabase& database) : database_(database) {}

  // Each of these throws StoreFailure.
  std::vector<AuditRow> RowsBehind(const std::string& chain, std::int64_t n, int limit);
  std::optional<std::string> LineAt(const std::string& chain, std::int64_t n);
  // The last number of each chain.
  std::vector<std::pair<std::string, std::int64_t>> Ends();
  // Every row by chain and number, until visit returns false.
  void Visit(const std::function<bool(const AuditRow&)>& visit);
  // Newest first.
  std::vector<AuditRow> Find(const AuditFilter& filter);
  std::vector<AuditCount> CountPerHour(UnixSeconds since);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
