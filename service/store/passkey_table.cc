// SPDX-License-Identifier: Apache-2.0
#include "service/store/passkey_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<PasskeyRecord> {
  static constexpr char kTable[] = "passkeys";
  template <typename Visitor>
  static void Visit(PasskeyRecord& passkey, Visitor visit) {
    visit("method_id", passkey.method_id);
    visit("user_id", passkey.user_id);
    visit("credential_id", passkey.credential_id);
    visit("public_key", passkey.public_key);
    visit("algorithm", passkey.algorithm);
    visit("sign_count", passkey.sign_count);
  }
};

using soci::use;

void PasskeyTable::PutChallenge(std::string_view challenge_digest, std::string_view user_id,
                                UnixSeconds expires_at) {
  const std::string digest(challenge_digest);
  const std::string user(user_id);
  const long long expires = expires_at;
  database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM passkey_challenges WHERE user_id = :user", use(user, "user");
    sql << "INSERT INTO passkey_challenges (digest, user_id, expires_at) VALUES (:digest, :user, "
           ":expires)",
        use(digest, "digest"), use(user, "user"), use(expires, "expires");
  });
}

bool PasskeyTable::TakeChallenge(std::string_view challenge_digest, std::string_view user_id,
                                 UnixSeconds now) {
  const std::string digest(challenge_digest);
  const std::string user(user_id);
  const long long at = now;
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement remove = (sql.prepare << "DELETE FROM passkey_challenges WHERE digest = "
                                             ":digest AND user_id = :user AND expires_at > :at",
                              use(digest, "digest"), use(user, "user"), use(at, "at"));
    return Execute(remove) == 1;
  });
}

bool PasskeyTable::Insert(const PasskeyRecord& passkey) {
  return database_->Write({}, [&](soci::session& sql) {
    return InsertRow(sql, passkey, " ON CONFLICT DO NOTHING") == 1;
  });
}

std::optional<PasskeyRecord> PasskeyTable::Find(std::string_view credential_id) {
  const std::string id(credential_id);
  return database_->Read([&](soci::session& sql) {
    return SelectRow<PasskeyRecord>(sql, "WHERE credential_id = :id", use(id, "id"));
  });
}

bool PasskeyTable::Advance(std::string_view method_id, std::uint32_t from, std::uint32_t to) {
  if (from == to) return true;
  const std::string id(method_id);
  const long long old_count = from;
  const long long new_count = to;
  return database_->Write({}, [&](soci::session& sql) {
    soci::statement update =
        (sql.prepare << "UPDATE passkeys SET sign_count = :new_count WHERE method_id = :id AND "
                        "sign_count = :old_count",
         use(new_count, "new_count"), use(id, "id"), use(old_count, "old_count"));
    return Execute(update) == 1;
  });
}

void PasskeyTable::Prune(UnixSeconds now) {
  const long long at = now;
  database_->Write({}, [&](soci::session& sql) {
    sql << "DELETE FROM passkey_challenges WHERE expires_at <= :at", use(at, "at");
  });
}

}  // namespace sspr::service
