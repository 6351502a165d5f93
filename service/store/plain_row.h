// SPDX-License-Identifier: Apache-2.0
// The row of a record whose fields are its columns, one to one: texts, numbers and enumerations.
// For the .cc files of tables alone.
//
// Columns<Record> is specialised beside the table. Has: static kTable, and static
// Visit(record, visit), which calls visit(name, record.field) for each column, in one order. Such a
// row is inserted and read as a whole, not updated (see UpdateRow): what changes in it, changes by
// statements of its table.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include "service/store/sql_rows.h"

namespace sspr::service {

template <typename Record>
struct Columns;

// SOCI binds no enumeration, and of the whole numbers only those that it knows: they are bound as
// the widest and put into the record afterwards.
template <typename Record>
class Row {
 public:
  static constexpr const char* kTable = Columns<Record>::kTable;

  Row() : Row(Record{}) {}
  explicit Row(const Record& record) : record_(record) {
    Columns<Record>::Visit(record_, [this](const char*, const auto& field) {
      if constexpr (!kIsText<decltype(field)>) numbers_.push_back(static_cast<long long>(field));
    });
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  Record Taken() const {
    Record taken = record_;
    std::size_t next = 0;
    Columns<Record>::Visit(taken, [&](const char*, auto& field) {
      if constexpr (!kIsText<decltype(field)>) {
        field = static_cast<std::remove_cvref_t<decltype(field)>>(numbers_[next++]);
      }
    });
    return taken;
  }

  template <typename Visitor>
  void Visit(Visitor visit) {
    std::size_t next = 0;
    Columns<Record>::Visit(record_, [&](const char* name, auto& field) {
      if constexpr (kIsText<decltype(field)>) {
        visit(name, field, Column::kFixed);
      } else {
        visit(name, numbers_[next++], Column::kFixed);
      }
    });
  }

 private:
  template <typename Field>
  static constexpr bool kIsText = std::is_same_v<std::remove_cvref_t<Field>, std::string>;

  Record record_;                   // of which the texts are bound
  std::vector<long long> numbers_;  // its other fields, in order
};

}  // namespace sspr::service
