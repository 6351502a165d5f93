// SPDX-License-Identifier: Apache-2.0
// What a directory outside of our database was asked to do for a transaction. A transaction is
// claimed once, before the directory is asked, so that it is asked once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

enum class ClaimState { kNever = 0, kClaimed = 1, kDone = 2 };

struct DirectoryClaim {
  std::string transaction_id;
  std::string user_id;
  ClaimState state = ClaimState::kClaimed;
  std::string state_before;  // of the user's password in the directory
  UnixSeconds at = 0;
};

class DirectoryClaims {
 public:
  explicit DirectoryClaims(std::shared_ptr<SqlDatabase> database)
      : database_(std::move(database)) {}

  // False when there is a claim of that transaction already. Forgets claims of two days ago.
  bool Insert(const DirectoryClaim& claim);
  std::optional<DirectoryClaim> Find(std::string_view transaction_id);
  // Whether another transaction of the user was claimed at that time or later.
  bool HasLater(const DirectoryClaim& claim);
  // True for exactly one caller: from claimed to another state.
  bool Conclude(std::string_view transaction_id, ClaimState state);
  // As if it had never been claimed.
  void Remove(std::string_view transaction_id);

 private:
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
