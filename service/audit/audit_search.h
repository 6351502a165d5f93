// SPDX-License-Identifier: Apache-2.0
// The audit as people look at it: search, counts for charts, and the forms in which it leaves the
// service. For ssprctl and the admin pages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/audit/audit_event.h"
#include "service/store/audit_table.h"

namespace sspr::service {

// See AuditFilter in service/store/audit_table.h: empty members ask for nothing. limit is brought
// into 1 to 10,000.
using AuditQuery = AuditFilter;

struct AuditRecord {
  UnixSeconds at = 0;
  std::string time;   // "2026-11-28T04:00:00Z"
  std::string place;  // CHAIN/N, the record's name
  AuditEvent event;
  std::string line;  // JSON, with the hashes
};

AuditRecord RecordOf(const AuditRow& row);

struct AuditPage {
  std::vector<AuditRecord> records;          // newest first
  std::optional<AuditFilter::Place> before;  // for the query of the next page; nothing: no more
};

class AuditSearch {
 public:
  // database outlives it. Safe from several threads at once.
  explicit AuditSearch(SqlDatabase& database) : table_(database) {}

  // kPolicy with a sentence for a filter that can match nothing; kInternal when the database fails.
  Result<AuditPage> Find(AuditQuery query);

  // How often each event with each outcome happened in each hour since; hours without any are left
  // out. kInternal when the database fails.
  Result<std::vector<AuditCount>> CountPerHour(UnixSeconds since);

 private:
  AuditTable table_;
};

// "2026-11-28", "2026-11-28T04:00:00Z", or a span back from now: "90m", "24h", "7d". kPolicy with a
// sentence otherwise.
Result<UnixSeconds> ReadAuditTime(std::string_view text, UnixSeconds now);

// The form "CHAIN/N@SECONDS" of a place, for links to the next page; nothing when it is none.
std::string WritePlace(const AuditFilter::Place& place);
std::optional<AuditFilter::Place> ReadPlace(std::string_view text);

// RFC 4180 with a header line. No cell begins with a character that a spreadsheet takes for a
// formula, whatever the text in it was: an apostrophe is put before.
std::string AuditCsvHeader();
std::string AuditCsvLine(const AuditRecord& record);

// The members that text lists and tables show, in their order.
std::vector<std::pair<const char*, std::string>> AuditColumns(const AuditRecord& record);

}  // namespace sspr::service
