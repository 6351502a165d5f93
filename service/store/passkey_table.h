// SPDX-License-Identifier: Apache-2.0
// The public keys of passkeys, and the challenges of those that are being made. Each call is one
// transaction; throws StoreFailure when the database fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/store/records.h"
#include "service/store/sql_database.h"

namespace sspr::service {

// Belongs to a method of kind kPasskey and goes with it.
struct PasskeyRecord {
  std::string method_id;
  std::string user_id;
  std::string credential_id;  // hexadecimal
  std::string public_key;     // hexadecimal
  int algorithm = 0;          // its COSE number
  std::uint32_t sign_count = 0;
};

class PasskeyTable {
 public:
  explicit PasskeyTable(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  void PutChallenge(std::string_view digest, std::string_view user_id, UnixSeconds expires_at);
  // True for exactly one caller: a challenge works once.
  bool TakeChallenge(std::string_view digest, std::string_view user_id, UnixSeconds now);

  // False: the credential is known already.
  bool Insert(const PasskeyRecord& passkey);
  std::optional<PasskeyRecord> Find(std::string_view credential_id);
  // True for exactly one caller per count, unless the key does not count at all.
  bool Advance(std::string_view method_id, std::uint32_t from, std::uint32_t to);
  void Prune(UnixSeconds now);

 private:
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
