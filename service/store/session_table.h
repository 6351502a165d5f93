// SPDX-License-Identifier: Apache-2.0
// The sessions of the pages: people, operators, approvals. Each call is one transaction; all throw
// StoreFailure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

struct SessionRecord {
  std::string digest;           // SHA-256 of the token, hexadecimal
  std::string purpose;          // what it is good for, and nothing else
  std::string subject;          // whose; empty: somebody who has proved nothing yet
  std::int64_t generation = 0;  // of the subject's password when it began
  std::int64_t version = 0;     // grows with each change
  UnixSeconds created_at = 0;
  UnixSeconds last_seen = 0;
  UnixSeconds proved_at = 0;  // the last full authentication
  std::string state;          // of the pages; holds no secret that is not sealed
};

class SessionTable {
 public:
  explicit SessionTable(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  // And forgets those that began before that time.
  void Insert(const SessionRecord& session, UnixSeconds forget_before);
  std::optional<SessionRecord> Find(std::string_view digest);
  // Writes it in place of the one with this digest, if its version is still session.version, which
  // grows by one; session.digest may be a new one. False: it moved on or is gone.
  bool Replace(std::string_view digest, const SessionRecord& session);
  // Notes when it was seen last; changes nothing else.
  void Touch(std::string_view digest, UnixSeconds now);
  void Delete(std::string_view digest);
  // Those of a subject but one; empty: all.
  void DeleteOf(std::string_view purpose, std::string_view subject, std::string_view except_digest);

 private:
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
