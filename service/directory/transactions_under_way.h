// SPDX-License-Identifier: Apache-2.0
// One call at a time for one transaction: who comes second waits, and is then told what became of
// the first.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace sspr::service {

class TransactionsUnderWay {
 public:
  class Alone {
   public:
    Alone(TransactionsUnderWay& owner, const std::string& id) : owner_(owner), id_(id) {
      std::unique_lock lock(owner_.mutex_);
      owner_.changed_.wait(lock, [this] { return !owner_.ids_.contains(id_); });
      owner_.ids_.insert(id_);
    }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;
    ~Alone() {
      {
        const std::lock_guard lock(owner_.mutex_);
        owner_.ids_.erase(id_);
      }
      owner_.changed_.notify_all();
    }

   private:
    TransactionsUnderWay& owner_;
    const std::string id_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> ids_;
};

}  // namespace sspr::service
