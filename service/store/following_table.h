// SPDX-License-Identifier: Apache-2.0
// How far the directories are that follow the one where the passwords are: a row for each new
// password and follower. No password is in it. Calls throw StoreFailure.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/store/sql_database.h"

namespace sspr::service {

enum class FollowingState { kWaiting = 0, kFollowed = 1, kNobody = 2, kDead = 3, kReplaced = 4 };
const char* Name(FollowingState state);

struct FollowingRecord {
  std::string id;
  std::string transaction_id;
  std::string follower;  // its section in the configuration
  std::string user_id;   // where the passwords are
  std::string username;
  FollowingState state = FollowingState::kWaiting;
  int tries = 0;
  UnixSeconds queued_at = 0;
  UnixSeconds gives_up_at = 0;
  UnixSeconds ended_at = 0;
  std::string reason = {};  // of its end, or of the last try that came to nothing
};

class FollowingTable {
 public:
  explicit FollowingTable(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  // False, and nothing done, when there is a row of that id. Otherwise rows that wait for the same
  // user and follower are kReplaced, and what ended long ago is forgotten.
  bool Insert(const FollowingRecord& record);
  // What the last try came to; while it waits.
  void NoteTry(std::string_view id, int tries, const std::string& reason);
  // True for exactly one caller: from waiting to another state.
  bool End(std::string_view id, FollowingState state, int tries, const std::string& reason,
           UnixSeconds now);
  // What waits and of which nobody has the password any more: all, or what should have ended
  // before that time. They are kDead then.
  std::vector<FollowingRecord> BuryLost(std::optional<UnixSeconds> gave_up_before,
                                        const std::string& reason, UnixSeconds now);

  std::optional<FollowingRecord> Find(std::string_view id);
  // The oldest first.
  std::vector<FollowingRecord> List(FollowingState state, std::size_t most);
  // Of one that is over. False: there is none.
  bool Remove(std::string_view id);

 private:
  const std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
