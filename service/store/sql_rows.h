// SPDX-License-Identifier: Apache-2.0
// Statements over whole records, put together from the one list of columns that a record has. For
// the .cc files of tables alone.
//
// Row<Record> is specialised for each record (sql_records.h; by columns alone: plain_row.h): the
// variables that its columns are bound to. SOCI binds a variable of a known type for a fraction of
// what a row costs whose columns it has to describe and find by name.
#pragma once

#include <soci/soci.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// tail: behind the table's name, "WHERE …". bind(statement) exchanges the values that it names.
template <typename Record, typename Bind>
std::vector<Record> SelectRowsWith(soci::session& sql, std::string_view tail, Bind bind) {
  Row<Record> row;
  soci::statement select(sql);
  row.Visit(
      [&select](const char*, auto& variable, Column) { select.exchange(soci::into(variable)); });
  bind(select);
  select.alloc();
  select.prepare("SELECT " + ColumnsOf<Record>() + " FROM " + Row<Record>::kTable + " " +
                 std::string(tail));
  select.define_and_bind();
  std::vector<Record> found;
  select.execute();
  while (select.fetch()) found.push_back(row.Taken());
  return found;
}

// values: soci::use(variable, "name").
template <typename Record, typename... Values>
std::vector<Record> SelectRows(soci::session& sql, std::string_view tail, const Values&... values) {
  return SelectRowsWith<Record>(sql, tail,
                                [&](soci::statement& select) { (select.exchange(values), ...); });
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
  soci::statement insert(sql);
  row.Visit([&insert](const char* name, auto& variable, Column) {
    insert.exchange(soci::use(variable, name));
  });
  return RunText(insert, InsertText<Record>() + std::string(tail));
}

// also: further assignments, "a = a + 1, "; tail: "WHERE id = :id", with the values that it names.
template <typename Record, typename... Values>
long long UpdateRow(soci::session& sql, const Record& record, std::string_view also,
                    std::string_view tail, const Values&... values) {
  Row<Record> row(record);
  soci::statement update(sql);
  row.Visit([&update](const char* name, auto& variable, Column column) {
    if (column == Column::kChanging) update.exchange(soci::use(variable, name));
  });
  (update.exchange(values), ...);
  return RunText(update, std::string("UPDATE ") + Row<Record>::kTable + " SET " +
                             std::string(also) + Assignments<Record>() + " " + std::string(tail));
}

}  // namespace sspr::service
