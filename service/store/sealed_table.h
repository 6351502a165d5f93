// SPDX-License-Identifier: Apache-2.0
// Where the database holds what is sealed with the secrets key. Whoever seals something new lists
// it here, or a rotation would leave it behind. What lives for hours only, as the secrets of
// sessions, need not be: the old key opens it as long as it is in the file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "service/store/sql_database.h"

namespace sspr::service {

struct SealedColumn {
  const char* table;
  const char* key;      // the column that names the row, unique
  const char* column;   // empty text: nothing is sealed there
  const char* context;  // the context of the seal is this and the key
};

inline constexpr SealedColumn kSealedColumns[] = {
    {"methods", "id", "sealed_secret", ""},
    {"methods", "id", "secret_hash", "hash:"},
    {"operators", "id", "sealed_totp", "operator:"},
};

class SealedTable {
 public:
  explicit SealedTable(SqlDatabase& database) : database_(database) {}

  // Values of the column that do not begin as mark (a pattern of LIKE) says: keys and values, by
  // key, those behind after_key. Throws StoreFailure, as all of these do.
  std::vector<std::pair<std::string, std::string>> Others(const SealedColumn& column,
                                                          const std::string& mark,
                                                          const std::string& after_key, int limit);
  std::int64_t Count(const SealedColumn& column);
  std::int64_t CountOthers(const SealedColumn& column, const std::string& mark);

  struct Replacement {
    std::string key, old_value, new_value;
  };
  // In one transaction; those whose value changed meanwhile are left alone. How many it replaced.
  std::int64_t Replace(const SealedColumn& column, const std::vector<Replacement>& replacements);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
