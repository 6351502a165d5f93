// SPDX-License-Identifier: Apache-2.0
// ssprctl followers ...: how far the directories are that follow the one where the passwords are.
#include "service/admin/follower_commands.h"

#include <memory>

#include "service/engine/foundation.h"
#include "service/store/following_table.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostFollowings = 1000;
const std::vector<const char*> kFollowingMembers = {"id",        "follower", "user",  "state",
                                                    "queued_at", "tries",    "reason"};

Status ShowFollowings(Foundation& base, bool dead, const Output& output) {
  try {
    FollowingTable table(base.database);
    Json::Value list(Json::arrayValue);
    const FollowingState state = dead ? FollowingState::kDead : FollowingState::kWaiting;
    for (const FollowingRecord& record : table.List(state, kMostFollowings)) {
      Json::Value object(Json::objectValue);
      object["id"] = record.id;
      object["transaction"] = record.transaction_id;
      object["follower"] = record.follower;
      object["user"] = record.username.empty() ? record.user_id : record.username;
      object["state"] = Name(record.state);
      object["queued_at"] = ShowTime(record.queued_at);
      object["gives_up_at"] = ShowTime(record.gives_up_at);
      object["ended_at"] = ShowTime(record.ended_at);
      object["tries"] = record.tries;
      object["reason"] = record.reason;
      list.append(std::move(object));
    }
    output.ShowList(list, kFollowingMembers);
    return Ok();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Status ForgetFollowing(Foundation& base, const std::string& id, const Output& output) {
  try {
    FollowingTable table(base.database);
    const auto record = table.Find(id);
    if (!record) return Error{Errc::kDenied, "there is no such password"};
    if (record->state == FollowingState::kWaiting) {
      return Error{Errc::kDenied, "it still waits, and ends by itself"};
    }
    const Status noted = base.audit->Write({.event = "admin.followers.forget",
                                            .outcome = "done",
                                            .reason = record->follower,
                                            .user_id = record->user_id,
                                            .username = record->username,
                                            .transaction_id = record->transaction_id},
                                           AuditLog::Weight::kFinal);
    if (!noted.ok()) return noted;
    (void)table.Remove(id);
    output.ShowDone("The entry is forgotten. What the directory has is as it was.");
    return Ok();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

}  // namespace

void AddFollowerCommands(CLI::App& app, FoundationCommand& chosen) {
  auto* const followers = app.add_subcommand(
      "followers", "Directories that get each new password behind the first one");
  followers->require_subcommand(1);
  auto* const list = followers->add_subcommand(
      "list", "List the new passwords that a directory has not taken yet");
  auto dead = std::make_shared<bool>(false);
  list->add_flag("--dead", *dead, "Those of the last 30 days that it never took");
  list->callback([dead, &chosen] {
    chosen = [dead](Foundation& base, const Output& output) {
      return ShowFollowings(base, *dead, output);
    };
  });
  auto* const forget = followers->add_subcommand("forget", "Forget one that was never taken");
  auto id = std::make_shared<std::string>();
  forget->add_option("ID", *id, "Its id, from the list")->required();
  forget->callback([id, &chosen] {
    chosen = [id](Foundation& base, const Output& output) {
      return ForgetFollowing(base, *id, output);
    };
  });
}

}  // namespace sspr::service
