// SPDX-License-Identifier: Apache-2.0
#include "service/store/audit_table.h"

#include <soci/soci.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "service/store/sql_access.h"
#include "service/store/sql_rows.h"

namespace sspr::service {

template <>
class Row<AuditRow> {
 public:
  static constexpr char kTable[] = "audit_events";
  Row() = default;
  explicit Row(const AuditRow& row) : row_(row), n_(row.n), at_(row.at) {}
  AuditRow Taken() const {
    AuditRow row = row_;
    row.n = n_;
    row.at = at_;
    return row;
  }
  template <typename Visitor>
  void Visit(Visitor visit) {
    visit("chain", row_.chain, Column::kFixed);
    visit("n", n_, Column::kFixed);
    visit("at", at_, Column::kFixed);
    visit("event", row_.event, Column::kFixed);
    visit("outcome", row_.outcome, Column::kFixed);
    visit("user_id", row_.user_id, Column::kFixed);
    visit("username", row_.username, Column::kFixed);
    visit("actor", row_.actor, Column::kFixed);
    visit("device", row_.device, Column::kFixed);
    visit("address", row_.address, Column::kFixed);
    visit("seal", row_.seal, Column::kFixed);
    visit("line", row_.line, Column::kFixed);
  }

 private:
  AuditRow row_;  // of which the texts are bound
  long long n_ = 0, at_ = 0;
};

namespace {

constexpr int kVisitBatch = 500;
constexpr long long kHourSeconds = 3600;

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  });
  return text;
}

// For LIKE with ESCAPE '!'.
std::string Pattern(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '!' || c == '%' || c == '_') pattern += '!';
    pattern += c;
  }
  return pattern;
}

// The conditions of a search and their values, which outlive the statement.
struct Conditions {
  std::string sql = "1 = 1";
  std::map<std::string, std::string> texts;
  std::map<std::string, long long> numbers;

  void Text(const char* column, const std::string& value) {
    if (value.empty()) return;
    sql += std::string(" AND ") + column + " = :" + column;
    texts[column] = value;
  }
  void Number(const std::string& condition, const char* name, long long value) {
    sql += " AND " + condition;
    numbers[name] = value;
  }
};

Conditions ConditionsOf(const AuditFilter& filter) {
  Conditions made;
  made.Text("username", filter.username);
  made.Text("actor", filter.actor);
  made.Text("outcome", filter.outcome);
  made.Text("address", filter.address);
  made.Text("device", filter.device);
  if (filter.event.ends_with('*')) {
    made.sql += " AND event LIKE :event ESCAPE '!'";
    made.texts["event"] = Pattern(filter.event.substr(0, filter.event.size() - 1)) + "%";
  } else {
    made.Text("event", filter.event);
  }
  if (!filter.text.empty()) {
    made.sql += " AND LOWER(line) LIKE :words ESCAPE '!'";
    made.texts["words"] = "%" + Pattern(Lower(filter.text)) + "%";
  }
  if (filter.since) made.Number("at >= :since", "since", *filter.since);
  if (filter.until) made.Number("at < :until", "until", *filter.until);
  if (filter.before) {
    made.sql += " AND (at < :p1 OR (at = :p2 AND (chain < :pc1 OR (chain = :pc2 AND n < :pn))))";
    made.numbers["p1"] = made.numbers["p2"] = filter.before->at;
    made.texts["pc1"] = made.texts["pc2"] = filter.before->chain;
    made.numbers["pn"] = filter.before->n;
  }
  return made;
}

}  // namespace

void AuditTable::Insert(soci::session& sql, const AuditRow& row) { InsertRow(sql, row); }

std::optional<AuditRow> AuditTable::Newest(soci::session& sql) {
  return SelectRow<AuditRow>(sql, "ORDER BY at DESC, chain DESC, n DESC LIMIT 1");
}

std::optional<AuditRow> AuditTable::NewestOf(soci::session& sql, const std::string& chain) {
  return SelectRow<AuditRow>(sql, "WHERE chain = :chain ORDER BY n DESC LIMIT 1",
                             soci::use(chain, "chain"));
}

std::vector<AuditRow> AuditTable::Behind(soci::session& sql, const std::string& chain,
                                         std::int64_t n, int limit) {
  const long long number = n;
  const long long most = limit;
  return SelectRows<AuditRow>(sql, "WHERE chain = :chain AND n > :n ORDER BY n LIMIT :most",
                              soci::use(chain, "chain"), soci::use(number, "n"),
                              soci::use(most, "most"));
}

std::vector<std::string> AuditTable::RecentChains(soci::session& sql, const std::string& prefix,
                                                  int rows) {
  const std::string pattern = Pattern(prefix) + "%";
  const long long most = rows;
  const soci::rowset<std::string> found =
      (sql.prepare << "SELECT DISTINCT chain FROM (SELECT chain FROM audit_events ORDER BY at DESC "
                      "LIMIT :most) AS newest WHERE chain LIKE :pattern ESCAPE '!'",
       soci::use(most, "most"), soci::use(pattern, "pattern"));
  return {found.begin(), found.end()};
}

std::vector<AuditRow> AuditTable::RowsBehind(const std::string& chain, std::int64_t n, int limit) {
  return database_.Read([&](soci::session& sql) { return Behind(sql, chain, n, limit); });
}

std::optional<std::string> AuditTable::LineAt(const std::string& chain, std::int64_t n) {
  return database_.Read([&](soci::session& sql) -> std::optional<std::string> {
    const long long number = n;
    std::string line;
    sql << "SELECT line FROM audit_events WHERE chain = :chain AND n = :n", soci::into(line),
        soci::use(chain, "chain"), soci::use(number, "n");
    if (!sql.got_data()) return std::nullopt;
    return line;
  });
}

std::vector<std::pair<std::string, std::int64_t>> AuditTable::Ends() {
  return database_.Read([&](soci::session& sql) {
    std::vector<std::pair<std::string, std::int64_t>> ends;
    std::string chain;
    long long n = 0;
    soci::statement all = (sql.prepare << "SELECT chain, MAX(n) FROM audit_events GROUP BY chain",
                           soci::into(chain), soci::into(n));
    all.execute();
    while (all.fetch()) ends.emplace_back(chain, n);
    return ends;
  });
}

// In batches, so that no transaction of a reader stands in the way of the database's upkeep.
void AuditTable::Visit(const std::function<bool(const AuditRow&)>& visit) {
  std::string chain;
  long long n = 0;
  while (true) {
    const std::vector<AuditRow> rows = database_.Read([&](soci::session& sql) {
      const long long most = kVisitBatch;
      return SelectRows<AuditRow>(
          sql, "WHERE chain > :c1 OR (chain = :c2 AND n > :n) ORDER BY chain, n LIMIT :most",
          soci::use(chain, "c1"), soci::use(chain, "c2"), soci::use(n, "n"),
          soci::use(most, "most"));
    });
    for (const AuditRow& row : rows) {
      if (!visit(row)) return;
    }
    if (rows.size() < kVisitBatch) return;
    chain = rows.back().chain;
    n = rows.back().n;
  }
}

std::vector<AuditRow> AuditTable::Find(const AuditFilter& filter) {
  Conditions conditions = ConditionsOf(filter);
  return database_.Read([&](soci::session& sql) {
    return SelectRowsWith<AuditRow>(sql,
                                    "WHERE " + conditions.sql +
                                        " ORDER BY at DESC, chain DESC, n DESC LIMIT " +
                                        std::to_string(filter.limit),
                                    [&conditions](soci::statement& search) {
                                      for (auto& [name, value] : conditions.texts)
                                        search.exchange(soci::use(value, name));
                                      for (auto& [name, value] : conditions.numbers)
                                        search.exchange(soci::use(value, name));
                                    });
  });
}

std::vector<AuditCount> AuditTable::CountPerHour(UnixSeconds since) {
  return database_.Read([&](soci::session& sql) {
    std::vector<AuditCount> counts;
    const long long from = since;
    long long hour = 0;
    long long count = 0;
    std::string event;
    std::string outcome;
    soci::statement all =
        (sql.prepare << "SELECT at / 3600, event, outcome, COUNT(*) FROM audit_events WHERE at >= "
                        ":since GROUP BY at / 3600, event, outcome ORDER BY 1, 2, 3",
         soci::into(hour), soci::into(event), soci::into(outcome), soci::into(count),
         soci::use(from, "since"));
    all.execute();
    while (all.fetch()) {
      counts.push_back(
          {.hour = hour * kHourSeconds, .event = event, .outcome = outcome, .count = count});
    }
    return counts;
  });
}

}  // namespace sspr::service
