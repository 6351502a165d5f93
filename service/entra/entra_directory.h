// SPDX-License-Identifier: Apache-2.0
// Passwords in Entra ID, by Microsoft Graph v1.0 as an app of its own: no person's password comes
// to it but the new one. So it sets passwords and cannot compare them (VerifiesPasswords).
//
// Who is there from a directory on the premises has the password of that directory: everything
// about it is asked there, where one is configured, and the way back to Entra ID is Microsoft's
// own. Without one, such a person cannot reset here. Who has a directory role counts as disabled,
// as those do whom Active Directory protects.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "service/directory/announced_transactions.h"
#include "service/directory/directory.h"
#include "service/directory/remembered_people.h"
#include "service/directory/transactions_under_way.h"
#include "service/entra/entra_people.h"
#include "service/entra/entra_settings.h"
#include "service/graph/graph_pool.h"
#include "service/store/directory_claims.h"
#include "service/store/flow_store.h"

namespace sspr::service {

class RiskTable;

// What a directory stands on. All of it outlives the directory; log: one line, without secrets.
struct EntraParts {
  std::shared_ptr<SqlDatabase> database;
  FlowStore& store;
  RiskTable& risks;  // by it, Entra ID's risks find the person's row
  const Clock& clock;
  std::function<void(std::string_view)> log;
};

class EntraDirectory final : public Directory {
 public:
  // premises: null where there is none. Asks nobody. kPolicy: the certificate or its key is unfit.
  static Result<std::unique_ptr<EntraDirectory>> Make(const GraphSettings& graph,
                                                      EntraSettings settings, EntraParts parts,
                                                      std::unique_ptr<Directory> premises);

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override;
  std::optional<DirectoryUser> Get(std::string_view id) override;
  std::optional<DirectoryUser> GetFresh(std::string_view id) override;
  std::optional<DirectoryUser> Lately(std::string_view id) override;
  std::string NameOf(std::string_view id) override;
  bool VerifiesPasswords() const override { return premises_ != nullptr; }
  // Of those from the premises, there. Of all others it is false, whatever the password.
  Result<bool> Verify(std::string_view id, const Secret& password) override;
  // Says "not used": Entra ID and the premises have their own rules.
  Result<Proposal> Propose(std::string_view, const Secret&, int) override { return Proposal{}; }
  void Announce(std::string_view transaction_id, const DirectoryUser& user) override;
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal = {}) override;
  std::optional<SetReply> Answered(std::string_view transaction_id) override;
  SetOutcome Settle(std::string_view transaction_id) override;
  // kPolicy also: the person is from premises that are not configured.
  Status Adopt(std::string_view canonical_username) override;
  // Of those from the premises, there; of others kPolicy: Entra ID shows no lock and ends none.
  Status Unlock(std::string_view id) override;
  Directory* Beneath() override { return premises_.get(); }

 private:
  struct Known {
    DirectoryUser user;
    bool is_synchronized = false;
    std::string premises_id;  // of a user who was found there
    std::chrono::milliseconds read_at{0};
  };

  EntraDirectory(const GraphSettings& graph, EntraSettings settings, EntraParts parts,
                 std::unique_ptr<GraphPool> pool, std::unique_ptr<Directory> premises);

  std::optional<Known> ReadById(std::string_view id);
  std::optional<Known> Complete(std::optional<EntraUser> found);
  void JoinPremises(Known& known, const std::string& premises_id);
  std::optional<Known> RememberedOrRead(std::string_view id);
  SetReply Ask(const std::string& transaction_id, std::string_view id, const Secret& password,
               bool is_announced);
  SetReply SetHere(const std::string& transaction_id, std::string_view id, const Secret& password,
                   bool is_announced);
  SetOutcome Settle(const DirectoryClaim& claim);
  void KeepRow(const DirectoryUser& user);

  const std::string base_url_;
  const EntraSettings settings_;
  EntraParts parts_;
  DirectoryClaims claims_;
  const std::unique_ptr<GraphPool> pool_;
  EntraPeople people_;
  const std::unique_ptr<Directory> premises_;
  RememberedPeople<Known> known_;
  AnnouncedTransactions announced_;
  TransactionsUnderWay under_way_;
};

}  // namespace sspr::service
