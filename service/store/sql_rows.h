// SPDX-License-Identifier: Apache-2.0
// Statements over whole records, put together from the one list of columns that a record has. For
// the .cc files of tables alone.
//
// Row<Record> is specialised for each record (sql_records.h; by columns alone: plain_row.h): the
// variables that its columns are bound to. SOCI binds a variable of a known type for a fraction of
// what a row costs whose columns it has to describe and find by name; and SQLite without SOCI for a
// fraction of that.
#pragma once

#include <soci/soci.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/store/sqlite_statement.h"

namespace sspr::service {

enum class Column {
  kFixed,     // as it was inserted
  kChanging,  // UpdateRow writes it
};

// Has: Row(), Row(const Record&), static kTable, Record Taken(), and
// Visit(visit), which calls visit(name, variable, Column) for each column, in one order.
template <typename Record>
class Row;

template <typename Record>
const std::string& ColumnsOf() {
  static const std::string columns = [] {
    std::string text;
    Row<Record>().Visit([&text](const char* name, auto&, Column) {
      text.append(text.empty() ? "" : ", ").append(name);
    });
    return text;
  }();
  return columns;
}

template <typename Record>
const std::string& InsertText() {
  static const std::string text = [] {
    std::string values;
    Row<Record>().Visit([&values](const char* name, auto&, Column) {
      values.append(values.empty() ? ":" : ", :").append(name);
    });
    return std::string("INSERT INTO ") + Row<Record>::kTable + " (" + ColumnsOf<Record>() +
           ") VALUES (" + values + ")";
  }();
  return text;
}

// "a = :a, b = :b" of the columns that change.
template <typename Record>
const std::string& Assignments() {
  static const std::string text = [] {
    std::string assignments;
    Row<Record>().Visit([&assignments](const char* name, auto&, Column column) {
      if (column == Column::kFixed) return;
      assignments.append(assignments.empty() ? "" : ", ").append(name).append(" = :").append(name);
    });
    return assignments;
  }();
  return text;
}

// Runs what was exchanged with it; the number of rows that it changed.
inline long long RunText(soci::statement& statement, const std::string& text) {
  statement.alloc();
  statement.prepare(text);
  statement.define_and_bind();
  statement.execute(true);
  return statement.get_affected_rows();
}

template <typename Record>
std::string SelectText(std::string_view tail) {
  std::string text = "SELECT " + ColumnsOf<Record>() + " FROM " + Row<Record>::kTable + " ";
  return text.append(tail);
}

// tail: behind the table's name, "WHERE …". bind(statement) exchanges the values that it names.
template <typename Record, typename Bind>
std::vector<Record> SelectRowsWith(soci::session& sql, std::string_view tail, Bind bind) {
  Row<Record> row;
  soci::statement select(sql);
  row.Visit(
      [&select](const char*, auto& variable, Column) { select.exchange(soci::into(variable)); });
  bind(select);
  select.alloc();
  select.prepare(SelectText<Record>(tail));
  select.define_and_bind();
  std::vector<Record> found;
  select.execute();
  while (select.fetch()) found.push_back(row.Taken());
  return found;
}

// values: soci::use(variable, "name").
template <typename Record, typename... Values>
std::vector<Record> SelectRows(soci::session& sql, std::string_view tail, const Values&... values) {
  CachingSession* const sqlite_session = SqliteStatement::SessionOf(sql);
  if (sqlite_session == nullptr) {
    return SelectRowsWith<Record>(sql, tail,
                                  [&](soci::statement& select) { (select.exchange(values), ...); });
  }
  SqliteStatement select(*sqlite_session, SelectText<Record>(tail));
  (select.Bind(values.name, values.t), ...);
  Row<Record> row;
  std::vector<Record> found;
  while (select.Step()) {
    int column = 0;
    row.Visit([&](const char*, auto& variable, Column) { select.Take(column++, variable); });
    found.push_back(row.Taken());
  }
  return found;
}

// The first of them.
template <typename Record, typename... Values>
std::optional<Record> SelectRow(soci::session& sql, std::string_view tail,
                                const Values&... values) {
  std::vector<Record> found = SelectRows<Record>(sql, tail, values...);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

// tail: behind the values, " ON CONFLICT …". How many rows were inserted.
template <typename Record>
long long InsertRow(soci::session& sql, const Record& record, std::string_view tail = {}) {
  Row<Record> row(record);
  std::string text = InsertText<Record>();
  text.append(tail);
  if (CachingSession* const sqlite_session = SqliteStatement::SessionOf(sql)) {
    SqliteStatement insert(*sqlite_session, std::move(text));
    int position = 0;
    row.Visit([&](const char*, auto& variable, Column) { insert.Bind(++position, variable); });
    insert.Step();
    return insert.Changed();
  }
  soci::statement insert(sql);
  row.Visit([&insert](const char* name, auto& variable, Column) {
    insert.exchange(soci::use(variable, name));
  });
  return RunText(insert, text);
}

// also: further assignments, "a = a + 1, ", without values; tail: "WHERE id = :id", with the values
// that it names.
template <typename Record, typename... Values>
long long UpdateRow(soci::session& sql, const Record& record, std::string_view also,
                    std::string_view tail, const Values&... values) {
  Row<Record> row(record);
  std::string text = std::string("UPDATE ") + Row<Record>::kTable + " SET ";
  text.append(also).append(Assignments<Record>()).append(" ").append(tail);
  if (CachingSession* const sqlite_session = SqliteStatement::SessionOf(sql)) {
    SqliteStatement update(*sqlite_session, std::move(text));
    int position = 0;
    row.Visit([&](const char*, auto& variable, Column column) {
      if (column == Column::kChanging) update.Bind(++position, variable);
    });
    (update.Bind(values.name, values.t), ...);
    update.Step();
    return update.Changed();
  }
  soci::statement update(sql);
  row.Visit([&update](const char* name, auto& variable, Column column) {
    if (column == Column::kChanging) update.exchange(soci::use(variable, name));
  });
  (update.exchange(values), ...);
  return RunText(update, text);
}

}  // namespace sspr::service
