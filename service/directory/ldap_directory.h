// SPDX-License-Identifier: Apache-2.0
// Passwords in an LDAP directory: the service's own account sets them for people, so that the
// directory's password policy judges them. People are told apart by an identifier that is theirs
// for good, never by a name that may change. What is particular to a kind of directory is in
// LdapDialect.
//
// Their methods are in our store. A person gets a row there (for the methods to hang on) with the
// first sign-in, or when an administrator asks for it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "service/directory/announced_transactions.h"
#include "service/directory/directory.h"
#include "service/directory/ldap_dialect.h"
#include "service/directory/ldap_pool.h"
#include "service/directory/remembered_people.h"
#include "service/directory/transactions_under_way.h"
#include "service/store/directory_claims.h"
#include "service/store/flow_store.h"

namespace sspr::service {

class LdapDirectory : public Directory {
 public:
  // Reads the password of the service's account. Connects when it is asked for something. store and
  // clock outlive it.
  static Result<std::unique_ptr<LdapDirectory>> Make(LdapSettings settings,
                                                     std::shared_ptr<SqlDatabase> database,
                                                     FlowStore& store, const Clock& clock);

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override;
  std::optional<DirectoryUser> Get(std::string_view id) override;
  std::optional<DirectoryUser> GetFresh(std::string_view id) override;
  std::optional<DirectoryUser> Lately(std::string_view id) override;
  std::string NameOf(std::string_view id) override;
  Result<bool> Verify(std::string_view id, const Secret& password) override;
  // Says "not used": the directory's policy has the history, and a try would count as a failure.
  Result<Proposal> Propose(std::string_view id, const Secret& password, int depth) override;
  void Announce(std::string_view transaction_id, const DirectoryUser& user) override {
    announced_.Announce(transaction_id, user);
  }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal = {}) override;
  SetOutcome Settle(std::string_view transaction_id) override;
  Status Unlock(std::string_view id) override;

  Status Adopt(std::string_view canonical_username) override;

 private:
  struct Known {
    DirectoryUser user;
    std::string dn;
    std::string modifier;  // see LdapDialect::ModifierOf
    std::string rules;     // see LdapDialect::RulesOf
    std::chrono::milliseconds read_at{0};
  };

  LdapDirectory(LdapSettings settings, Secret password, std::shared_ptr<SqlDatabase> database,
                FlowStore& store, const Clock& clock);

  // The only entry that matches; nothing when there is none, or several. Throws StoreFailure.
  std::optional<Known> Read(const std::string& filter);
  std::optional<Known> ReadById(std::string_view id);
  std::vector<std::string> GroupsOf(LdapConnection& connection, const std::string& dn);
  void Remember(const Known& known);
  SetReply Ask(const std::string& transaction_id, std::string_view id, const Secret& password,
               bool is_announced);
  SetOutcome Settle(const DirectoryClaim& claim);

  const LdapSettings settings_;
  const Secret password_;
  DirectoryClaims claims_;
  FlowStore& store_;
  const Clock& clock_;
  const std::unique_ptr<LdapDialect> dialect_;
  const std::vector<std::string> attributes_;
  LdapPool service_pool_;
  LdapPool people_pool_;  // for sign-ins: bound as whom they were last used for
  RememberedPeople<Known> known_;
  AnnouncedTransactions announced_;
  std::mutex mutex_;
  std::map<std::string, std::string> names_;
  TransactionsUnderWay under_way_;
};

}  // namespace sspr::service
