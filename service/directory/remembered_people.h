// SPDX-License-Identifier: Apache-2.0
// What a directory said of people, for a few seconds, so that one step of a reset does not ask it
// again and again. Safe from several threads at once.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace sspr::service {

// Known: has a DirectoryUser `user`, and of Clock::Monotonic `read_at`.
template <typename Known>
class RememberedPeople {
 public:
  // clock outlives it. lasts: for how long what was read may be relied on.
  explicit RememberedPeople(const Clock& clock,
                            std::chrono::milliseconds lasts = std::chrono::seconds(10))
      : clock_(clock), lasts_(lasts) {}

  // What may be relied on still; nothing: read it again.
  std::optional<Known> Find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end() || found->second.is_outdated || IsOld(found->second.known)) return {};
    return found->second.known;
  }
  // However old, and also when the password was set since.
  std::optional<Known> FindAny(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    return found == known_.end() ? std::nullopt : std::optional(found->second.known);
  }
  void Keep(const Known& known) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMost) {
      std::erase_if(known_, [this](const auto& entry) { return IsOld(entry.second.known); });
    }
    if (known_.size() >= kMost) known_.clear();
    known_.insert_or_assign(known.user.id, Entry{.known = known});
  }
  void Forget(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found != known_.end()) known_.erase(found);
  }
  // The password was set since.
  void Outdate(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found != known_.end()) found->second.is_outdated = true;
  }

 private:
  static constexpr std::size_t kMost = 4096;
  struct Entry {
    Known known;
    bool is_outdated = false;
  };
  bool IsOld(const Known& known) const { return clock_.Monotonic() - known.read_at > lasts_; }

  const Clock& clock_;
  const std::chrono::milliseconds lasts_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> known_;
};

}  // namespace sspr::service
