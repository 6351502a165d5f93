// SPDX-License-Identifier: Apache-2.0
#include "service/store/user_pages.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace sspr::service {
namespace {

// The smallest text behind all that begin with this one; user names are ASCII.
std::string EndOf(std::string prefix) {
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
  const std::string end = EndOf(query.text);
  const long long limit = query.limit;
  return SelectRows<UserRecord>(
      sql,
      "WHERE username >= :begin AND username < :end AND username > :after ORDER BY username LIMIT "
      ":limit",
      soci::use(query.text, "begin"), soci::use(end, "end"), soci::use(query.after, "after"),
      soci::use(limit, "limit"));
}

std::vector<UserRecord> WithPart(soci::session& sql, const UserQuery& query) {
  const std::string part = "%" + Escaped(query.text) + "%";
  const long long limit = query.limit;
  return SelectRows<UserRecord>(
      sql,
      "WHERE username > :after AND (username LIKE :name ESCAPE '!' OR LOWER(display_name) LIKE "
      ":display ESCAPE '!') ORDER BY username LIMIT :limit",
      soci::use(query.after, "after"), soci::use(part, "name"), soci::use(part, "display"),
      soci::use(limit, "limit"));
}

std::vector<UserRecord> Behind(soci::session& sql, const std::string& after, int most) {
  const long long limit = most;
  return SelectRows<UserRecord>(sql, "WHERE username > :after ORDER BY username LIMIT :limit",
                                soci::use(after, "after"), soci::use(limit, "limit"));
}

}  // namespace

std::vector<UserRecord> UserPages::Find(const UserQuery& query) {
  return database_.Read([&](soci::session& sql) {
    if (query.text.empty()) return Behind(sql, query.after, query.limit);
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
    std::vector<UserAndMethods> batch;
    for (UserRecord& user : Behind(sql, from, limit)) {
      batch.push_back({.user = std::move(user), .methods = {}});
    }
    if (batch.empty()) return batch;
    std::map<std::string, UserAndMethods*> by_id;
    for (UserAndMethods& one : batch) by_id[one.user.id] = &one;
    const std::string last = batch.back().user.username;
    for (MethodRecord& method : SelectRows<MethodRecord>(
             sql,
             "WHERE user_id IN (SELECT id FROM users WHERE username > :after AND username <= "
             ":last) ORDER BY added_at, id",
             soci::use(from, "after"), soci::use(last, "last"))) {
      const auto found = by_id.find(method.user_id);
      if (found != by_id.end()) found->second->methods.push_back(std::move(method));
    }
    return batch;
  });
}

}  // namespace sspr::service
