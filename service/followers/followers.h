// SPDX-License-Identifier: Apache-2.0
// New passwords for the directories that follow the one where the passwords are.
//
// A password waits for a follower in the memory of this process alone, wiped when it is over: a
// follower has no key to which it could be sealed, and one that the service itself could open at
// rest would lie readable for whoever has its disk and its keys. So a process that ends loses what
// waits; the rows say so (kDead, with an audit record), and the person's next password follows
// again. It waits for an hour at most.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/audit/audit_log.h"
#include "service/directory/directory.h"
#include "service/store/following_table.h"

namespace sspr::service {

struct Follower {
  std::string name;
  std::unique_ptr<Directory> directory;
};

struct FollowersSettings {
  // How long the person waits for the first try of all of them together.
  std::chrono::milliseconds waited_for{4'000};
  // Between two tries; doubles each time up to the second value.
  std::chrono::milliseconds first_pause{5'000};
  std::chrono::milliseconds longest_pause{300'000};
  UnixSeconds longest = kHourSeconds;
};

class Followers {
 public:
  // audit and clock outlive it. log: one line, without secrets. tell: once for a password that some
  // follower does not have when the person stops waiting for it; on the caller's thread.
  struct Parts {
    std::shared_ptr<SqlDatabase> database;
    AuditLog& audit;
    const Clock& clock;
    std::function<void(std::string_view)> log;
    std::function<void(const std::string& user_id)> tell = {};
  };

  Followers(std::vector<Follower> followers, Parts parts, FollowersSettings settings = {});
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;
  ~Followers();  // ends the threads; what still waits is lost, and written down as that

  // The password of that user is `password` from now on, where the passwords are; it is kept, not
  // copied, until no follower waits for it. Returns when every follower has been tried once, or the
  // wait is over. Never throws: the password is set.
  void Follow(std::string_view transaction_id, const DirectoryUser& user,
              const std::shared_ptr<const Secret>& password);

  // For a service that starts: what another process left. alone: there is no other on this
  // database.
  void BuryLost(bool alone);

  std::vector<Follower>& all() { return followers_; }

 private:
  struct Task {
    FollowingRecord record;
    std::size_t follower = 0;
    std::shared_ptr<const Secret> password;
    std::chrono::milliseconds due{0};
    bool is_in_doubt = false;  // the last try may have set it
    bool was_tried = false;
  };
  struct Outcome {
    FollowingState state = FollowingState::kWaiting;
    std::string reason;
  };

  bool Queue(std::string_view transaction_id, const DirectoryUser& user,
             const std::shared_ptr<const Secret>& password, std::size_t follower,
             std::vector<std::string>& ids);
  void Run(std::size_t follower);
  void Work(const std::shared_ptr<Task>& task);
  Outcome Try(Task& task);
  void End(const FollowingRecord& record, FollowingState state, const std::string& reason);
  bool IsOneUntried(const std::vector<std::string>& ids) const;  // with the mutex

  std::vector<Follower> followers_;
  const Parts parts_;
  const FollowersSettings settings_;
  FollowingTable table_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Task>> tasks_;
  bool is_stopping_ = false;
  // One for each follower, so that none waits for another; from the first password on.
  std::vector<std::thread> threads_;
};

}  // namespace sspr::service
