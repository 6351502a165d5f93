// SPDX-License-Identifier: Apache-2.0
#include "service/store/sql_fault.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sspr::service {
namespace {

// serialization_failure, deadlock_detected
constexpr std::array<std::string_view, 2> kCollisions = {"40001", "40P01"};
// Of these classes the primary message names objects of the schema or the server, not data:
// connections, privileges, names, resources, states of objects, operator's orders, system errors.
constexpr std::array<std::string_view, 10> kHarmless = {"08", "28", "3D", "3F", "40",
                                                        "42", "53", "55", "57", "58"};

std::string OneLine(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

FaultKind KindOf(const soci::soci_error& error) {
  bool collision = false;
  if (const auto* const postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    collision = std::ranges::find(kCollisions, postgresql->sqlstate()) != kCollisions.end();
  } else if (const auto* const sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    const int primary = sqlite->result() & 0xff;
    collision = primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
  }
  return collision ? FaultKind::kCollision : FaultKind::kOther;
}

std::string SentenceOf(const soci::soci_error& error) {
  const auto* const postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (postgresql == nullptr) return OneLine(error.get_error_message());
  const std::string state = postgresql->sqlstate();
  const bool is_code = std::ranges::all_of(state, [](char c) { return c > ' ' && c <= 'Z'; });
  // Without a code it comes from libpq, of a connection.
  if (!is_code || std::ranges::find(kHarmless, state.substr(0, 2)) != kHarmless.end()) {
    return OneLine(error.get_error_message());
  }
  return "a statement was refused (SQLSTATE " + state + ")";
}

PGconn* ConnectionOf(soci::session& sql) {
  return static_cast<soci::postgresql_session_backend*>(sql.get_backend())->conn_;
}

}  // namespace sspr::service
