// SPDX-License-Identifier: Apache-2.0
// Where the users' passwords are. Implementations: BuiltInDirectory, and a fake for tests;
// tests/contract_directory holds both to what is written here.
//
// A password is set for a transaction, at most once, and whether it was set can be asked for later:
// that is what lets a reset that was interrupted end truthfully. Blocks; safe from several threads
// at once. Throws StoreFailure when it cannot be asked (nothing is known then).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

struct DirectoryUser {
  std::string id;        // never given to another user
  std::string username;  // canonical
  std::string display_name;
  std::string local_account;  // the account of a machine that is this user's; empty: none
  std::string language;
  bool enabled = true;
  bool has_password = true;
  std::int64_t password_generation = 0;  // grows with each password
  std::vector<std::string> groups = {};
  UnixSeconds password_changed_at = 0;  // 0: not known
};

enum class SetOutcome {
  kSet,      // the directory holds the new password
  kNotSet,   // it does not, and for this transaction never will
  kUnknown,  // ask Settle later
};

class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;

  virtual std::optional<DirectoryUser> Find(std::string_view canonical_username) = 0;
  virtual std::optional<DirectoryUser> Get(std::string_view id) = 0;

  // An id that is empty or of nobody, and a user without a password, take as long and are never
  // right. Errors: kTimedOut, kInternal.
  virtual Result<bool> Verify(std::string_view id, const Secret& password) = 0;
  // Whether it is one of the `depth` passwords before the current one. A directory that keeps its
  // own history answers false, and refuses the password when it is set.
  virtual Result<bool> WasUsed(std::string_view id, const Secret& password, int depth) = 0;

  // transaction_id: hexadecimal. A second call for one transaction sets nothing.
  virtual SetOutcome SetPassword(std::string_view transaction_id, std::string_view id,
                                 const Secret& password) = 0;
  // What became of it. After kNotSet, a SetPassword that is still under way fails.
  virtual SetOutcome Settle(std::string_view transaction_id) = 0;
};

}  // namespace sspr::service
