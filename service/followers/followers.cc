// SPDX-License-Identifier: Apache-2.0
#include "service/followers/followers.h"

#include <algorithm>
#include <cstdio>

#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostTasks = 1024;  // each may hold a password of its own
// What another process should have ended by now it has lost.
constexpr UnixSeconds kGrace = 300;
constexpr char kLost[] =
    "the service ended before it followed: the password was in its memory alone";

// Hexadecimal, as directories want it, and of no other transaction: of the person's reset, this
// follower, and this try, since a directory that said "not set" means it for good.
std::string TransactionOf(const FollowingRecord& record, std::size_t follower) {
  char tail[16];
  std::snprintf(tail, sizeof tail, "f%02x%04x", static_cast<unsigned>(follower) & 0xFFU,
                static_cast<unsigned>(record.tries) & 0xFFFFU);
  return record.transaction_id + tail;
}

}  // namespace

Followers::Followers(std::vector<Follower> followers, Parts parts, FollowersSettings settings)
    : followers_(std::move(followers)),
      parts_(std::move(parts)),
      settings_(settings),
      table_(parts_.database) {}

Followers::~Followers() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (const auto& task : tasks_) {
    try {
      End(task->record, FollowingState::kDead, kLost);
    } catch (const std::exception& error) {
      parts_.log(std::string("followers: ") + error.what());  // the next start finds it
    }
  }
}

void Followers::BuryLost(bool alone) {
  const UnixSeconds now = parts_.clock.Now();
  const auto before = alone ? std::nullopt : std::optional(now - kGrace);
  for (const FollowingRecord& lost : table_.BuryLost(before, kLost, now)) {
    (void)parts_.audit.Write({.event = "directory.follow",
                              .outcome = Name(FollowingState::kDead),
                              .reason = lost.follower + ": " + kLost,
                              .user_id = lost.user_id,
                              .username = lost.username,
                              .transaction_id = lost.transaction_id},
                             AuditLog::Weight::kNormal);
  }
}

void Followers::Follow(std::string_view transaction_id, const DirectoryUser& user,
                       const std::shared_ptr<const Secret>& password) {
  std::vector<std::string> ids;
  bool all_done = true;
  try {
    for (std::size_t i = 0; i < followers_.size(); ++i) {
      all_done = Queue(transaction_id, user, password, i, ids) && all_done;
    }
  } catch (const std::exception& error) {
    parts_.log(std::string("followers: ") + error.what());
    all_done = false;
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, settings_.waited_for, [&] { return !IsOneUntried(ids); });
    all_done = all_done && std::ranges::none_of(tasks_, [&ids](const auto& task) {
                 return std::ranges::find(ids, task->record.id) != ids.end();
               });
  }
  try {
    for (const std::string& id : ids) {
      const auto record = table_.Find(id);
      all_done = all_done && record && record->state != FollowingState::kDead;
    }
    if (!all_done && parts_.tell) parts_.tell(user.id);
  } catch (const std::exception& error) {
    parts_.log(std::string("followers: ") + error.what());
  }
}

bool Followers::IsOneUntried(const std::vector<std::string>& ids) const {
  return std::ranges::any_of(tasks_, [&ids](const auto& task) {
    return !task->was_tried && std::ranges::find(ids, task->record.id) != ids.end();
  });
}

// False: it will not follow. A second call for a transaction queues nothing.
bool Followers::Queue(std::string_view transaction_id, const DirectoryUser& user,
                      const std::shared_ptr<const Secret>& password, std::size_t follower,
                      std::vector<std::string>& ids) {
  auto task = std::make_shared<Task>();
  task->record = {.id = std::string(transaction_id) + "." + followers_[follower].name,
                  .transaction_id = std::string(transaction_id),
                  .follower = followers_[follower].name,
                  .user_id = user.id,
                  .username = user.username,
                  .queued_at = parts_.clock.Now(),
                  .gives_up_at = parts_.clock.Now() + settings_.longest};
  task->follower = follower;
  if (!table_.Insert(task->record)) return true;
  task->password = password;
  task->due = parts_.clock.Monotonic();
  {
    const std::lock_guard lock(mutex_);
    // An older password of the same person must not come behind this one.
    std::erase_if(tasks_, [&](const auto& other) {
      return other->record.user_id == user.id && other->follower == follower;
    });
    if (tasks_.size() < kMostTasks) {
      tasks_.push_back(task);
      ids.push_back(task->record.id);
      for (std::size_t i = threads_.size(); i < followers_.size() && !is_stopping_; ++i) {
        threads_.emplace_back([this, i] { Run(i); });
      }
      changed_.notify_all();
      return true;
    }
  }
  End(task->record, FollowingState::kDead, "too many passwords wait for followers");
  return false;
}

void Followers::Run(std::size_t follower) {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    std::shared_ptr<Task> next;
    for (const auto& task : tasks_) {
      if (task->follower == follower && (!next || task->due < next->due)) next = task;
    }
    if (!next) {
      changed_.wait(lock);
      continue;
    }
    const auto rest = next->due - parts_.clock.Monotonic();
    if (rest > std::chrono::milliseconds::zero()) {
      changed_.wait_for(lock, rest);
      continue;
    }
    lock.unlock();
    Work(next);
    lock.lock();
    changed_.notify_all();
  }
}

void Followers::Work(const std::shared_ptr<Task>& task) {
  FollowingRecord& record = task->record;
  Outcome outcome;
  try {
    const auto row = table_.Find(record.id);
    const bool is_over = !row || row->state != FollowingState::kWaiting;
    // A newer password may have come to another process.
    outcome = is_over ? Outcome{.state = FollowingState::kReplaced, .reason = {}} : Try(*task);
    ++record.tries;
    const bool gives_up = parts_.clock.Now() >= record.gives_up_at;
    if (outcome.state == FollowingState::kWaiting && gives_up)
      outcome.state = FollowingState::kDead;
    if (outcome.state == FollowingState::kWaiting) {
      table_.NoteTry(record.id, record.tries, outcome.reason);
    } else {
      End(record, outcome.state, outcome.reason);
    }
  } catch (const std::exception& error) {
    parts_.log("followers: " + record.follower + ": " + error.what());
    outcome.state = FollowingState::kWaiting;
  }
  const std::lock_guard lock(mutex_);
  task->was_tried = true;
  if (outcome.state != FollowingState::kWaiting) {
    std::erase(tasks_, task);
    return;
  }
  auto pause = settings_.first_pause;
  for (int i = 1; i < record.tries && pause < settings_.longest_pause; ++i) pause *= 2;
  task->due = parts_.clock.Monotonic() + std::min(pause, settings_.longest_pause);
}

Followers::Outcome Followers::Try(Task& task) {
  Directory& directory = *followers_[task.follower].directory;
  if (task.is_in_doubt) {
    FollowingRecord last = task.record;
    --last.tries;
    const SetOutcome became = directory.Settle(TransactionOf(last, task.follower));
    if (became == SetOutcome::kSet) return {FollowingState::kFollowed, ""};
    if (became == SetOutcome::kUnknown) {
      --task.record.tries;  // it still is that try
      return {FollowingState::kWaiting, "it is not known yet whether the password was set"};
    }
    task.is_in_doubt = false;
  }
  if (task.record.username.empty()) {
    return {FollowingState::kDead, "the person could not be looked up where the passwords are"};
  }
  try {
    const std::optional<DirectoryUser> user = directory.Find(task.record.username);
    if (!user) return {FollowingState::kNobody, "nobody has that name there"};
    if (!user->enabled) {
      return {FollowingState::kNobody,
              "disabled or protected there, or there from another directory"};
    }
    const SetReply reply =
        directory.SetPassword(TransactionOf(task.record, task.follower), user->id, *task.password);
    if (reply == SetOutcome::kSet) return {FollowingState::kFollowed, ""};
    task.is_in_doubt = reply == SetOutcome::kUnknown;
    if (reply.refusal) return {FollowingState::kDead, "refused there: " + reply.detail};
    return {FollowingState::kWaiting, reply.detail.empty()
                                          ? "it is not known yet whether the password was set"
                                          : reply.detail};
  } catch (const StoreFailure& failure) {
    return {FollowingState::kWaiting, failure.what()};
  }
}

void Followers::End(const FollowingRecord& record, FollowingState state,
                    const std::string& reason) {
  if (!table_.End(record.id, state, record.tries, reason, parts_.clock.Now())) return;
  if (state == FollowingState::kDead) {
    parts_.log("followers: " + record.follower + ": user " + record.user_id + ": " + reason);
  }
  (void)parts_.audit.Write({.event = "directory.follow",
                            .outcome = Name(state),
                            .reason = record.follower + (reason.empty() ? "" : ": " + reason),
                            .user_id = record.user_id,
                            .username = record.username,
                            .transaction_id = record.transaction_id},
                           AuditLog::Weight::kNormal);
}

}  // namespace sspr::service
