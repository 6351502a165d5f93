// SPDX-License-Identifier: Apache-2.0
// The directory of an organisation that has no other: passwords as Argon2id in the service's own
// database. The password and the note that a transaction has set it are written in one step.
#pragma once

#include "common/base/clock.h"
#include "service/crypto/password_hasher.h"
#include "service/directory/directory.h"
#include "service/store/flow_store.h"

namespace sspr::service {

class BuiltInDirectory : public Directory {
 public:
  // All of them outlive the directory.
  BuiltInDirectory(FlowStore& store, PasswordHasher& hasher, const Clock& clock)
      : store_(store), hasher_(hasher), clock_(clock) {}

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override;
  std::optional<DirectoryUser> Get(std::string_view id) override;
  Result<bool> Verify(std::string_view id, const Secret& password) override;
  // One hash for all: the passwords of one user share their salt.
  Result<Proposal> Propose(std::string_view id, const Secret& password, int depth) override;
  bool IsInStore() const override { return true; }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal = {}) override;
  SetOutcome Settle(std::string_view transaction_id) override;

 private:
  FlowStore& store_;
  PasswordHasher& hasher_;
  const Clock& clock_;
};

}  // namespace sspr::service
