// SPDX-License-Identifier: Apache-2.0
// Flows whose gates a person passes on a phone (RFC 8628). Each call is one transaction; throws
// StoreFailure when the database fails.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/store/records.h"
#include "service/store/sql_database.h"

namespace sspr::service {

enum class HandOffState {
  kOffered = 0,  // nobody has typed the code yet
  kTaken = 1,    // a phone has
  kRefused = 2,  // "that was not me"
};

struct HandOff {
  std::string id;
  std::string flow_id;
  std::string code_digest;   // keyed
  std::string token_digest;  // of the login screen's token, by which the flow is found
  HandOffState state = HandOffState::kOffered;
  UnixSeconds expires_at = 0;
  UnixSeconds polled_at = 0;
};

class HandOffTable {
 public:
  explicit HandOffTable(std::shared_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  // In place of the flow's hand-off before. False: the code is in use, take another.
  bool Insert(const HandOff& hand_off);
  std::optional<HandOff> FindByFlow(std::string_view flow_id);
  // From offered to taken. True value for exactly one caller; the code is good for one use.
  std::optional<HandOff> Take(std::string_view code_digest, UnixSeconds now);
  void Refuse(std::string_view flow_id);
  // Notes a poll. False when the one before is less than so many seconds ago.
  bool NotePoll(std::string_view id, UnixSeconds now, int seconds);
  void Prune(UnixSeconds now);

 private:
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
