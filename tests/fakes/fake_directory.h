// SPDX-License-Identifier: Apache-2.0
// Directory in memory, held to the same contract as the real ones (tests/contract_directory). Keeps
// passwords as they are, which makes it fast, and does as it is told about the next set.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/directory/directory.h"

namespace sspr::service {

class FakeDirectory final : public Directory {
 public:
  enum class NextSet {
    kNormal,
    kSetButUnknown,     // sets it, and does not know that it did
    kNotSetButUnknown,  // the other way round
    kRefusedLate,       // dislikes the password, and says so when it is asked
  };

  void Add(const DirectoryUser& user, const std::string& password) {
    const std::lock_guard lock(mutex_);
    users_[user.id] = {user, password};
  }
  void OnNextSet(NextSet next) {
    const std::lock_guard lock(mutex_);
    next_ = next;
  }
  int sets() const {
    const std::lock_guard lock(mutex_);
    return sets_;
  }

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : users_) {
      if (entry.first.username == canonical_username) return entry.first;
    }
    return std::nullopt;
  }
  std::optional<DirectoryUser> Get(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    ++reads_;
    return UserOf(id);
  }
  std::optional<DirectoryUser> Lately(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    return UserOf(id);
  }
  // How often it was asked for somebody by their id, for what may have changed.
  int reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }
  Result<bool> Verify(std::string_view id, const Secret& password) override {
    const std::lock_guard lock(mutex_);
    const auto found = users_.find(std::string(id));
    return found != users_.end() && found->second.first.has_password &&
           found->second.second == password.Reveal();
  }
  Result<Proposal> Propose(std::string_view id, const Secret& password, int) override {
    const Result<bool> same = Verify(id, password);
    return Proposal{.is_used = same.ok() && *same};
  }
  // The next set is refused with this reason.
  void RefuseNext(RefusalCode why) {
    const std::lock_guard lock(mutex_);
    refuse_next_ = why;
  }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& = {}) override {
    const std::lock_guard lock(mutex_);
    const NextSet next = std::exchange(next_, NextSet::kNormal);
    if (const auto why = std::exchange(refuse_next_, std::nullopt)) {
      return {*why, "the directory dislikes the password"};
    }
    const auto user = users_.find(std::string(id));
    if (next == NextSet::kNotSetButUnknown) return SetOutcome::kUnknown;
    refused_late_.erase(std::string(transaction_id));
    if (next == NextSet::kRefusedLate) {
      refused_late_.emplace(transaction_id);
      return SetOutcome::kUnknown;
    }
    const auto [change, is_new] =
        changes_.try_emplace(std::string(transaction_id), user != users_.end());
    if (is_new && change->second) {
      user->second.second = password.Reveal();
      user->second.first.has_password = true;
      ++user->second.first.password_generation;
      ++sets_;
      return next == NextSet::kNormal ? SetOutcome::kSet : SetOutcome::kUnknown;
    }
    return change->second ? SetOutcome::kSet : SetOutcome::kNotSet;
  }
  std::optional<SetReply> Answered(std::string_view transaction_id) override {
    const std::lock_guard lock(mutex_);
    if (!refused_late_.contains(transaction_id)) return std::nullopt;
    return SetReply(RefusalCode::kPasswordBanned, "the directory dislikes the password");
  }
  SetOutcome Settle(std::string_view transaction_id) override {
    const std::lock_guard lock(mutex_);
    return changes_.try_emplace(std::string(transaction_id), false).first->second
               ? SetOutcome::kSet
               : SetOutcome::kNotSet;
  }

 private:
  std::optional<DirectoryUser> UserOf(std::string_view id) const {
    const auto found = users_.find(std::string(id));
    return found == users_.end() ? std::nullopt : std::optional(found->second.first);
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::pair<DirectoryUser, std::string>> users_;
  std::map<std::string, bool> changes_;
  std::set<std::string, std::less<>> refused_late_;
  NextSet next_ = NextSet::kNormal;
  std::optional<RefusalCode> refuse_next_;
  int sets_ = 0;
  int reads_ = 0;
};

}  // namespace sspr::service
