// SPDX-License-Identifier: Apache-2.0
// One run of a statement by SQLite's own functions: for whole records, whose many columns cost SOCI
// more than they cost SQLite. For sql_rows.h alone. Not for several threads.
//
// Fails as SOCI's statements do: with a soci::soci_error that knows SQLite's code.
#pragma once

#include <soci/session.h>

#include <string>

namespace sqlite_api {
struct sqlite3_stmt;
}

namespace sspr::service {

class CachingSession;

class SqliteStatement {
 public:
  // The session as one of SQLite; null when it is not.
  static CachingSession* SessionOf(soci::session& sql);

  // One that was prepared before, where there is one. session outlives it.
  SqliteStatement(CachingSession& session, std::string text);
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement();

  // Positions count from 1, in the order in which the names first come in the text. The value
  // outlives the statement and stays as it is.
  void Bind(int position, const std::string& value);
  void Bind(int position, long long value);
  template <typename Value>
  void Bind(const std::string& name, const Value& value) {
    Bind(PositionOf(name), value);
  }

  // To the first row, the next row; false: there is none. What changes rows has none.
  bool Step();
  // Columns count from 0. None may be NULL.
  void Take(int column, std::string& value);
  void Take(int column, long long& value);
  // How many rows it changed.
  long long Changed() const;

 private:
  int PositionOf(const std::string& name) const;
  void Check(int code) const;

  CachingSession& session_;
  const std::string text_;
  sqlite_api::sqlite3_stmt* statement_ = nullptr;
};

}  // namespace sspr::service
