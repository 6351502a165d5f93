// SPDX-License-Identifier: Apache-2.0
// The directory where the passwords are, with others behind it that follow: what it says is all
// that counts for a reset, and only what it has taken goes on to them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "service/directory/directory.h"
#include "service/followers/followers.h"

namespace sspr::service {

class FollowedDirectory final : public Directory {
 public:
  // clock outlives it.
  FollowedDirectory(std::unique_ptr<Directory> source, std::unique_ptr<Followers> followers,
                    const Clock& clock)
      : source_(std::move(source)), followers_(std::move(followers)), clock_(clock) {}

  Followers& followers() { return *followers_; }

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override {
    return source_->Find(canonical_username);
  }
  std::optional<DirectoryUser> Get(std::string_view id) override { return source_->Get(id); }
  std::optional<DirectoryUser> GetFresh(std::string_view id) override {
    return source_->GetFresh(id);
  }
  std::optional<DirectoryUser> Lately(std::string_view id) override { return source_->Lately(id); }
  std::string NameOf(std::string_view id) override { return source_->NameOf(id); }
  bool VerifiesPasswords() const override { return source_->VerifiesPasswords(); }
  Result<bool> Verify(std::string_view id, const Secret& password) override {
    return source_->Verify(id, password);
  }
  Result<Proposal> Propose(std::string_view id, const Secret& password, int depth) override {
    return source_->Propose(id, password, depth);
  }
  // Never: what follows must not be part of a step that may still be undone.
  bool IsInStore() const override { return false; }
  void Announce(std::string_view transaction_id, const DirectoryUser& user) override {
    source_->Announce(transaction_id, user);
  }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal = {}) override;
  std::optional<SetReply> Answered(std::string_view transaction_id) override;
  SetOutcome Settle(std::string_view transaction_id) override;
  Status Adopt(std::string_view canonical_username) override {
    return source_->Adopt(canonical_username);
  }
  Status Unlock(std::string_view id) override { return source_->Unlock(id); }
  Directory* Beneath() override { return source_.get(); }

 private:
  // Until it is known whether the source has it.
  struct Held {
    std::string user_id;
    std::shared_ptr<const Secret> password;
    std::chrono::milliseconds since{0};
  };
  void Hold(std::string_view transaction_id, std::string_view id,
            std::shared_ptr<const Secret> password);
  void Release(std::string_view transaction_id, SetOutcome outcome);
  void Follow(std::string_view transaction_id, std::string_view id,
              const std::shared_ptr<const Secret>& password);

  const std::unique_ptr<Directory> source_;
  const std::unique_ptr<Followers> followers_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Held, std::less<>> held_;
};

}  // namespace sspr::service
