// SPDX-License-Identifier: Apache-2.0
#include "service/store/sqlite_statement.h"

#include <utility>

#include "service/store/sqlite_session.h"

namespace sspr::service {

CachingSession* SqliteStatement::SessionOf(soci::session& sql) {
  return dynamic_cast<CachingSession*>(sql.get_backend());
}

SqliteStatement::SqliteStatement(CachingSession& session, std::string text)
    : session_(session), text_(std::move(text)), statement_(session.statements().Take(text_)) {
  if (statement_ != nullptr) return;
  Check(sqlite::sqlite3_prepare_v2(session.connection(), text_.c_str(),
                                   static_cast<int>(text_.size()) + 1, &statement_, nullptr));
}

SqliteStatement::~SqliteStatement() { session_.statements().Give(text_, statement_); }

void SqliteStatement::Bind(int position, const std::string& value) {
  Check(sqlite::sqlite3_bind_text(statement_, position, value.data(),
                                  static_cast<int>(value.size()), nullptr));  // it is not copied
}

void SqliteStatement::Bind(int position, long long value) {
  Check(sqlite::sqlite3_bind_int64(statement_, position, value));
}

bool SqliteStatement::Step() {
  const int code = sqlite::sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Check(code);
  return false;
}

void SqliteStatement::Take(int column, std::string& value) {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite::sqlite3_column_text(statement_, column));
  if (text == nullptr) throw soci::soci_error("a column without a value");
  value.assign(text, static_cast<std::size_t>(sqlite::sqlite3_column_bytes(statement_, column)));
}

void SqliteStatement::Take(int column, long long& value) {
  if (sqlite::sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    throw soci::soci_error("a column without a value");
  }
  value = sqlite::sqlite3_column_int64(statement_, column);
}

long long SqliteStatement::Changed() const {
  return sqlite::sqlite3_changes(session_.connection());
}

int SqliteStatement::PositionOf(const std::string& name) const {
  return sqlite::sqlite3_bind_parameter_index(statement_, (":" + name).c_str());
}

void SqliteStatement::Check(int code) const {
  if (code == SQLITE_OK) return;
  throw soci::sqlite3_soci_error(sqlite::sqlite3_errmsg(session_.connection()), code);
}

}  // namespace sspr::service
