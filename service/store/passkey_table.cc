// SPDX-License-Identifier: Apache-2.0
#include "service/store/passkey_table.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace soci {

template <>
struct type_conversion<sspr::service::PasskeyRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, sspr::service::PasskeyRecord& passkey) {
    using sspr::service::AsText;
    passkey.method_id = AsText(row, "method_id");
    passkey.user_id = AsText(row, "user_id");
    passkey.credential_id = AsText(row, "credential_id");
    passkey.public_key = AsText(row, "public_key");
    passkey.algorithm = sspr::service::AsInt(row, "algorithm");
    passkey.sign_count = static_cast<std::uint32_t>(sspr::service::AsLong(row, "sign_count"));
  }
  static void to_base(const sspr::service::PasskeyRecord& passkey, values& row, indicator& state) {
    using sspr::service::Put;
    Put(row, "method_id", passkey.method_id);
    Put(row, "user_id", passkey.user_id);
    Put(row, "credential_id", passkey.credential_id);
    Put(row, "public_key", passkey.public_key);
    Put(row, "algorithm", passkey.algorithm);
    Put(row, "sign_count", static_cast<long long>(passkey.sign_count));
    state = i_ok;
  }
};

}  // namespace soci

namespace sspr::service {

using soci::into;
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
    soci::statement insert =
        (sql.prepare << "INSERT INTO passkeys (method_id, user_id, credential_id, public_key, "
                        "algorithm, sign_count) VALUES (:method_id, :user_id, :credential_id, "
                        ":public_key, :algorithm, :sign_count) ON CONFLICT DO NOTHING",
         use(passkey));
    return Execute(insert) == 1;
  });
}

std::optional<PasskeyRecord> PasskeyTable::Find(std::string_view credential_id) {
  const std::string id(credential_id);
  return database_->Read([&](soci::session& sql) -> std::optional<PasskeyRecord> {
    PasskeyRecord passkey;
    sql << "SELECT * FROM passkeys WHERE credential_id = :id", into(passkey), use(id, "id");
    if (!sql.got_data()) return std::nullopt;
    return passkey;
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
