// SPDX-License-Identifier: Apache-2.0
// The campaign to register: what a login client is told after a sign-in, how long the nudge can be
// put off, and how far each group has come. Safe from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

class NudgeTable;
class SqlDatabase;

// Graph's words of userRegistrationDetails, and the nudge.
struct RegistrationState {
  bool enabled = false;     // may reset by the policy
  bool capable = false;     // and can
  bool registered = false;  // has enough methods, whatever the policy says of the person
  std::vector<std::string> methods;
  int required_gates = 1;
  UnixSeconds reconfirm_at = 0;  // 0: never
  std::int64_t policy_version = 0;
  bool nudge_due = false;
  int snoozed_times = 0;
  int snoozes_left = 0;  // -1: always
  UnixSeconds snoozed_until = 0;
};

struct GroupProgress {
  std::string group;  // "-": of those who are in none; "*": of all
  int users = 0;      // who may reset
  int registered = 0;
  int to_confirm = 0;
  int snoozed = 0;  // who put the nudge off, and are not registered yet
};

class Campaign {
 public:
  // database outlives it, and what is in parts too.
  Campaign(EngineParts parts, SqlDatabase& database);
  ~Campaign();

  // Of a user name; of an unknown one as of somebody who may not reset. kInternal.
  Result<RegistrationState> StateOf(std::string_view username);
  Result<RegistrationState> StateById(std::string_view user_id);
  // Puts the nudge off. kPolicy when it cannot be put off any more, or there is none. kInternal.
  Result<RegistrationState> Snooze(std::string_view username, const Caller& caller);
  Result<RegistrationState> SnoozeById(std::string_view user_id, const Caller& caller);

  // By the name of the group; "*" last. A person of two groups counts in both. kInternal.
  Result<std::vector<GroupProgress>> Report();

 private:
  RegistrationState Judge(const std::optional<DirectoryUser>& user);
  Result<RegistrationState> PutOff(const std::optional<DirectoryUser>& user, const Caller& caller);

  EngineParts parts_;
  std::unique_ptr<NudgeTable> nudges_;
};

}  // namespace sspr::service
