// SPDX-License-Identifier: Apache-2.0
// Users by the page, for people who look at them: none of these reads all of a million. Throws
// StoreFailure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/records.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// Small letters; a user matches when the name or the display name holds the text. Found by the
// beginning of the user name first, which an index answers.
struct UserQuery {
  std::string text;
  std::string after;  // user name of the last one of the page before; empty: from the start
  int limit = 50;
};

struct UserAndMethods {
  UserRecord user;
  std::vector<MethodRecord> methods;
};

class UserPages {
 public:
  // database outlives it.
  explicit UserPages(SqlDatabase& database) : database_(database) {}

  // By user name.
  std::vector<UserRecord> Find(const UserQuery& query);
  // The next users behind that name, each with all their methods.
  std::vector<UserAndMethods> Batch(std::string_view after, int limit);

 private:
  SqlDatabase& database_;
};

}  // namespace sspr::service
