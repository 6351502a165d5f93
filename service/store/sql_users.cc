// SPDX-License-Identifier: Apache-2.0
// Users, their methods, clients, settings and the history of the policy.
#include <map>

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

void Put(soci::session& sql, const std::string& name, const std::string& value) {
  sql << "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE "
         "SET "
         "value = excluded.value",
      soci::use(name, "name"), soci::use(value, "value");
}

void Join(soci::session& sql, const std::string& user_id, const std::vector<std::string>& groups) {
  for (const std::string& group : groups) {
    sql << "INSERT INTO memberships (group_name, user_id) VALUES (:name, :id) ON CONFLICT "
           "(group_name, user_id) DO NOTHING",
        soci::use(group, "name"), soci::use(user_id, "id");
  }
}

}  // namespace

void FillMemberships(soci::session& sql) {
  for (const UserRecord& user : SelectRows<UserRecord>(sql, "WHERE member_of <> ''")) {
    Join(sql, user.id, user.groups);
  }
}

bool SqlStore::InsertUser(const UserRecord& user) {
  return Write({}, [&](soci::session& sql) {
    if (InsertRow(sql, user, " ON CONFLICT (username) DO NOTHING") != 1) return false;
    Join(sql, user.id, user.groups);
    return true;
  });
}

std::optional<UserRecord> SqlStore::FindUser(std::string_view username) {
  return ReadBriefly([&](soci::session& sql) {
    // The next one is read where there is none, for that takes as long.
    const std::string name(username);
    std::optional<UserRecord> user = SelectRow<UserRecord>(
        sql, "WHERE username >= :name ORDER BY username LIMIT 1", soci::use(name, "name"));
    if (user && user->username != name) user.reset();
    return user;
  });
}

std::optional<UserRecord> SqlStore::GetUser(std::string_view id) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string key(id);
    if (!key.empty()) return SelectRow<UserRecord>(sql, "WHERE id = :id", soci::use(key, "id"));
    SelectRow<UserRecord>(sql, "WHERE id > '' LIMIT 1");  // nobody's takes as long
    return std::optional<UserRecord>();
  });
}

std::vector<UserRecord> SqlStore::ListUsers() {
  return Read([](soci::session& sql) { return SelectRows<UserRecord>(sql, "ORDER BY username"); });
}

std::vector<UserRecord> SqlStore::ListMembers(const std::vector<std::string>& groups) {
  return Read([&](soci::session& sql) {
    std::map<std::string, UserRecord> members;
    for (const std::string& group : groups) {
      for (UserRecord& user : SelectRows<UserRecord>(
               sql, "WHERE id IN (SELECT user_id FROM memberships WHERE group_name = :name)",
               soci::use(group, "name"))) {
        members.emplace(user.username, std::move(user));
      }
    }
    std::vector<UserRecord> sorted;
    for (auto& [name, user] : members) sorted.push_back(std::move(user));
    return sorted;
  });
}

bool SqlStore::UpdateProfile(const UserRecord& user) {
  return Write({UserKey(user.id)}, [&](soci::session& sql) {
    if (UpdateRow(sql, user, {}, "WHERE id = :id", soci::use(user.id, "id")) != 1) return false;
    sql << "DELETE FROM memberships WHERE user_id = :id", soci::use(user.id, "id");
    Join(sql, user.id, user.groups);
    return true;
  });
}

void SqlStore::NoteMethodsConfirmed(std::string_view user_id, UnixSeconds now) {
  Write({}, [&](soci::session& sql) {
    const std::string id(user_id);
    const long long at = now;
    sql << "UPDATE users SET methods_confirmed_at = :now WHERE id = :id", soci::use(at, "now"),
        soci::use(id, "id");
  });
}

bool SqlStore::DeleteUser(std::string_view id) {
  return Write([&](soci::session& sql) {
    const std::string key(id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM users WHERE id = :id", soci::use(key, "id"));
    return Execute(remove) == 1;
  });
}

void SqlStore::InsertMethod(const MethodRecord& method) {
  Write({}, [&](soci::session& sql) { InsertRow(sql, method); });
}

void SqlStore::ReplaceMethods(std::string_view user_id, MethodKind kind,
                              const std::vector<MethodRecord>& methods) {
  Write({UserKey(user_id)}, [&](soci::session& sql) {
    const std::string user(user_id);
    const auto of_kind = static_cast<long long>(kind);
    sql << "DELETE FROM methods WHERE user_id = :user AND kind = :kind", soci::use(user, "user"),
        soci::use(of_kind, "kind");
    for (const MethodRecord& method : methods) InsertRow(sql, method);
  });
}

std::vector<MethodRecord> SqlStore::ListMethods(std::string_view user_id) {
  return ReadBriefly([&](soci::session& sql) {
    const std::string key(user_id);
    if (!key.empty()) {
      return SelectRows<MethodRecord>(sql, "WHERE user_id = :id ORDER BY added_at, id",
                                      soci::use(key, "id"));
    }
    SelectRows<MethodRecord>(sql, "LIMIT 1");  // nobody's take as long
    return std::vector<MethodRecord>();
  });
}

bool SqlStore::DeleteMethod(std::string_view user_id, std::string_view method_id) {
  return Write({}, [&](soci::session& sql) {
    const std::string user(user_id);
    const std::string method(method_id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM methods WHERE id = :id AND user_id = :user",
         soci::use(method, "id"), soci::use(user, "user"));
    return Execute(remove) == 1;
  });
}

bool SqlStore::PreferMethod(std::string_view user_id, std::string_view method_id) {
  return Write({UserKey(user_id)}, [&](soci::session& sql) {
    const std::string user(user_id);
    const std::string id(method_id);
    long long found = 0;
    sql << "SELECT COUNT(*) FROM methods WHERE user_id = :user_id AND id = :id", soci::into(found),
        soci::use(user, "user_id"), soci::use(id, "id");
    if (found == 0) return false;
    sql << "UPDATE methods SET preferred = 0 WHERE user_id = :user_id", soci::use(user, "user_id");
    sql << "UPDATE methods SET preferred = 1 WHERE user_id = :user_id AND id = :id",
        soci::use(user, "user_id"), soci::use(id, "id");
    return true;
  });
}

bool SqlStore::AcceptStep(std::string_view method_id, std::int64_t step) {
  return Write({}, [&](soci::session& sql) {
    const std::string id(method_id);
    const long long accepted = step;
    soci::statement update =
        (sql.prepare
             << "UPDATE methods SET last_step = :step WHERE id = :id AND last_step < :step2",
         soci::use(accepted, "step"), soci::use(id, "id"), soci::use(accepted, "step2"));
    return Execute(update) == 1;
  });
}

void SqlStore::AddDomainHint(std::string_view hint) {
  Write({}, [&](soci::session& sql) {
    const std::string text(hint);
    sql << "INSERT INTO domain_hints (hint) VALUES (:hint) ON CONFLICT (hint) DO NOTHING",
        soci::use(text, "hint");
  });
}

std::vector<std::string> SqlStore::DomainHints() {
  return ReadBriefly([](soci::session& sql) {
    const soci::rowset<std::string> rows = sql.prepare
                                           << "SELECT hint FROM domain_hints ORDER BY hint";
    return std::vector<std::string>(rows.begin(), rows.end());
  });
}

void SqlStore::PutClient(const ClientRecord& client) {
  Write({}, [&](soci::session& sql) {
    const long long concealment = client.concealment ? 1 : 0;
    sql << "INSERT INTO clients (client_id, concealment, secret_digest) VALUES (:id, :concealment, "
           ":secret) ON CONFLICT (client_id) DO UPDATE SET concealment = excluded.concealment, "
           "secret_digest = excluded.secret_digest",
        soci::use(client.client_id, "id"), soci::use(concealment, "concealment"),
        soci::use(client.secret_digest, "secret");
  });
}

std::optional<ClientRecord> SqlStore::FindClient(std::string_view client_id) {
  return ReadBriefly([&](soci::session& sql) -> std::optional<ClientRecord> {
    const std::string id(client_id);
    long long concealment = 0;
    std::string secret;
    sql << "SELECT concealment, secret_digest FROM clients WHERE client_id = :id",
        soci::into(concealment), soci::into(secret), soci::use(id, "id");
    if (!sql.got_data()) return std::nullopt;
    return ClientRecord{.client_id = id, .concealment = concealment != 0, .secret_digest = secret};
  });
}

std::vector<ClientRecord> SqlStore::ListClients() {
  return Read([](soci::session& sql) {
    std::vector<ClientRecord> clients;
    const soci::rowset<soci::row> rows =
        sql.prepare
        << "SELECT client_id, concealment, secret_digest FROM clients ORDER BY client_id";
    for (const soci::row& row : rows) {
      clients.push_back({.client_id = row.get<std::string>(0),
                         .concealment = row.get<long long>(1) != 0,
                         .secret_digest = row.get<std::string>(2)});
    }
    return clients;
  });
}

bool SqlStore::DeleteClient(std::string_view client_id) {
  return Write({}, [&](soci::session& sql) {
    const std::string id(client_id);
    soci::statement remove =
        (sql.prepare << "DELETE FROM clients WHERE client_id = :id", soci::use(id, "id"));
    return Execute(remove) == 1;
  });
}

void SqlStore::PutSetting(std::string_view name, std::string_view value) {
  Write({}, [&](soci::session& sql) { Put(sql, std::string(name), std::string(value)); });
}

std::int64_t SqlStore::ChangePolicy(std::string_view name, std::string_view value,
                                    UnixSeconds now) {
  return Write([&](soci::session& sql) {
    const std::string key(name);
    const std::string new_value(value);
    std::string old_value;
    sql << "SELECT value FROM settings WHERE name = :name", soci::into(old_value),
        soci::use(key, "name");
    long long version = 0;
    sql << "SELECT COALESCE(MAX(version), 0) + 1 FROM policy_changes", soci::into(version);
    const long long at = now;
    sql << "INSERT INTO policy_changes (version, at, name, old_value, new_value) VALUES (:version, "
           ":at, :name, :old, :new)",
        soci::use(version, "version"), soci::use(at, "at"), soci::use(key, "name"),
        soci::use(old_value, "old"), soci::use(new_value, "new");
    Put(sql, key, new_value);
    return std::int64_t{version};
  });
}

std::vector<PolicyChangeRecord> SqlStore::PolicyHistory() {
  return Read([](soci::session& sql) {
    std::vector<PolicyChangeRecord> changes;
    const soci::rowset<soci::row> rows =
        sql.prepare << "SELECT version, at, name, old_value, new_value FROM policy_changes ORDER "
                       "BY version DESC";
    for (const soci::row& row : rows) {
      changes.push_back({.version = row.get<long long>(0),
                         .at = row.get<long long>(1),
                         .name = row.get<std::string>(2),
                         .old_value = row.get<std::string>(3),
                         .new_value = row.get<std::string>(4)});
    }
    return changes;
  });
}

std::vector<std::pair<std::string, std::string>> SqlStore::ListSettings() {
  return ReadBriefly([](soci::session& sql) {
    std::vector<std::pair<std::string, std::string>> settings;
    std::string name;
    std::string value;
    soci::statement select = (sql.prepare << "SELECT name, value FROM settings ORDER BY name",
                              soci::into(name), soci::into(value));
    select.execute();
    while (select.fetch()) settings.emplace_back(name, value);
    return settings;
  });
}

}  // namespace sspr::service
