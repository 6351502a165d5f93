// SPDX-License-Identifier: Apache-2.0
// Where the users' passwords are. Implementations: BuiltInDirectory, LdapDirectory, AgentDirectory,
// EntraDirectory, and a fake for tests; tests/contract_directory holds them to what is written
// here.
//
// A password is set for a transaction, at most once, and whether it was set can be asked for later:
// that is what lets a reset that was interrupted end truthfully. Blocks; safe from several threads
// at once. Throws StoreFailure when it cannot be asked (nothing is known then).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/flow_service.h"

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
  bool locked = false;                  // by the directory itself, after failed sign-ins there
  std::string state_before = {};        // of the directory's own making, for Announce
};

// A new password, looked at before it is set.
struct Proposal {
  bool is_used = false;  // it is the current one, or one of those before it
  // Of the directory's own making, for SetPassword: what it need not compute again. Not the
  // password.
  std::string prepared = {};
};

enum class SetOutcome {
  kSet,      // the directory holds the new password
  kNotSet,   // it does not, and for this transaction never will
  kUnknown,  // ask Settle later
};

struct SetReply {
  SetReply(SetOutcome what) : outcome(what) {}  // NOLINT: an outcome is a reply
  SetReply(RefusalCode why, std::string said)
      : outcome(SetOutcome::kNotSet), refusal(why), detail(std::move(said)) {}
  SetOutcome outcome;
  // With kNotSet, when the directory dislikes the password: another may be set, for this
  // transaction.
  std::optional<RefusalCode> refusal = {};
  std::string detail = {};  // for the log
  // With a refusal: the generation that the password has now, where the directory could judge the
  // new one only by setting another.
  std::optional<std::int64_t> generation = {};

  friend bool operator==(const SetReply& reply, SetOutcome what) { return reply.outcome == what; }
};

class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  virtual ~Directory() = default;

  virtual std::optional<DirectoryUser> Find(std::string_view canonical_username) = 0;
  // May be a few seconds old.
  virtual std::optional<DirectoryUser> Get(std::string_view id) = 0;
  // As of now: for what decides about a password.
  virtual std::optional<DirectoryUser> GetFresh(std::string_view id) { return Get(id); }
  // What words to the person need (name, language, groups): as it was read last, also
  // when the password was set since.
  virtual std::optional<DirectoryUser> Lately(std::string_view id) { return Get(id); }
  // For the audit; empty for nobody.
  virtual std::string NameOf(std::string_view id) {
    const std::optional<DirectoryUser> user = Get(id);
    return user ? user->username : std::string();
  }

  // Whether anybody's password can be compared here: where not, nobody signs in with it, and Verify
  // is false.
  virtual bool VerifiesPasswords() const { return true; }
  // An id that is empty or of nobody, and a user without a password, take as long and are never
  // right. Errors: kTimedOut, kInternal.
  virtual Result<bool> Verify(std::string_view id, const Secret& password) = 0;
  // Whether it is the current password or one of the `depth` before it. A directory that keeps its
  // own history answers "not used", and refuses the password when it is set.
  virtual Result<Proposal> Propose(std::string_view id, const Secret& password, int depth) = 0;

  // Whether the passwords are in the service's own store: SetPassword with a proposal is then
  // quick, and may be part of a step of the store (FlowStore::Atomically), which takes effect as a
  // whole.
  virtual bool IsInStore() const { return false; }
  // Part of the step of the store that writes the transaction down, for a user who was just read.
  // Without it, SetPassword does so by itself.
  virtual void Announce(std::string_view transaction_id, const DirectoryUser& user) {
    (void)transaction_id;
    (void)user;
  }
  // transaction_id: hexadecimal. A second call for one transaction sets nothing. proposal: what
  // Propose said of this user and password, or nothing.
  virtual SetReply SetPassword(std::string_view transaction_id, std::string_view id,
                               const Secret& password, const Proposal& proposal = {}) = 0;
  // What the directory has said since SetPassword did not know: nothing while it has not. Only
  // asks, and is quick. With a refusal the password was never set, and another may be, for this
  // transaction.
  virtual std::optional<SetReply> Answered(std::string_view transaction_id) {
    (void)transaction_id;
    return std::nullopt;
  }
  // What became of it. After kNotSet, a SetPassword that is still under way fails.
  virtual SetOutcome Settle(std::string_view transaction_id) = 0;
  // Makes or refreshes the row of a person in our store, where the methods hang. kDenied: nobody
  // has that name; kPolicy: this directory has no people but those of the store.
  virtual Status Adopt(std::string_view canonical_username) {
    (void)canonical_username;
    return Error{Errc::kPolicy, "the users are in the service's own database: use 'users add'"};
  }
  // Forgets failed sign-ins that the directory itself counted. Errors: it still may be locked
  // there.
  virtual Status Unlock(std::string_view id) {
    (void)id;
    return Ok();
  }

  // A directory that this one stands on, for who looks for one of its kind; null: none.
  virtual Directory* Beneath() { return nullptr; }
};

}  // namespace sspr::service
