// SPDX-License-Identifier: Apache-2.0
#include "service/store/user_pages.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace sspr::service {
namespace {

// The smallest text behind all that begin with this one; user names are ASCII.
std::string Behind(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

// For LIKE ... ESCAPE '!'.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') escaped.push_back('!');
    escaped.push_back(c);
  }
  return escaped;
}

std::vector<UserRecord> WithPrefix(soci::session& sql, const UserQuery& query) {
  const std::string end = Behind(query.text);
  const long long limit = query.limit;
  const soci::rowset<UserRecord> rows =
      (sql.prepare << "SELECT * FROM users WHERE username >= :begin AND username < :end AND "
                      "username > :after ORDER BY username LIMIT :limit",
       soci::use(query.text, "begin"), soci::use(end, "end"), soci::use(query.after, "after"),
       soci::use(limit, "limit"));
  return {rows.begin(), rows.end()};
}

std::vector<UserRecord> WithPart(soci::session& sql, const UserQuery& query) {
  const std::string part = "%" + Escaped(query.text) + "%";
  const long long limit = query.limit;
  const soci::rowset<UserRecord> rows =
      (sql.prepare << "SELECT * FROM users WHERE username > :after AND (username LIKE :name ESCAPE "
                      "'!' OR LOWER(display_name) LIKE :display ESCAPE '!') ORDER BY username "
                      "LIMIT :limit",
       soci::use(query.after, "after"), soci::use(part, "name"), soci::use(part, "display"),
       soci::use(limit, "limit"));
  return {rows.begin(), rows.end()};
}

}  // namespace

std::vector<UserRecord> UserPages::Find(const UserQuery& query) {
  return database_.Read([&](soci::session& sql) {
    if (query.text.empty()) {
      const long long limit = query.limit;
      const soci::rowset<UserRecord> rows =
          (sql.prepare << "SELECT * FROM users WHERE username > :after ORDER BY username LIMIT "
                          ":limit",
           soci::use(query.after, "after"), soci::use(limit, "limit"));
      return std::vector<UserRecord>(rows.begin(), rows.end());
    }
    // Which of the two it was has to stay the same on the pages that follow.
    UserQuery first = query;
    first.after.clear();
    first.limit = 1;
    return WithPrefix(sql, first).empty() ? WithPart(sql, query) : WithPrefix(sql, query);
  });
}

std::vector<UserAndMethods> UserPages::Batch(std::string_view after, int limit) {
  return database_.Read([&](soci::session& sql) {
    const std::string from(after);
    const long long most = limit;
    std::vector<UserAndMethods> batch;
    {
      const soci::rowset<UserRecord> rows =
          (sql.prepare << "SELECT * FROM users WHERE username > :after ORDER BY username LIMIT "
                          ":limit",
           soci::use(from, "after"), soci::use(most, "limit"));
      for (const UserRecord& user : rows) batch.push_back({.user = user, .methods = {}});
    }
    if (batch.empty()) return batch;
    std::map<std::string, UserAndMethods*> by_id;
    for (UserAndMethods& one : batch) by_id[one.user.id] = &one;
    const std::string last = batch.back().user.username;
    const soci::rowset<MethodRecord> methods =
        (sql.prepare << "SELECT m.* FROM methods m JOIN users u ON u.id = m.user_id WHERE "
                        "u.username > :after AND u.username <= :last ORDER BY m.added_at, m.id",
         soci::use(from, "after"), soci::use(last, "last"));
    for (const MethodRecord& method : methods) {
      const auto found = by_id.find(method.user_id);
      if (found != by_id.end()) found->second->methods.push_back(method);
    }
    return batch;
  });
}

}  // namespace sspr::service
