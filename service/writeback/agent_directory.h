// SPDX-License-Identifier: Apache-2.0
// A directory that only an agent on the premises reaches: each question goes through the hub to
// whichever agent is connected. Passwords are sealed to the agents' keys before they are written
// anywhere. People's methods are in our store, as with every directory outside.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "service/directory/directory.h"
#include "service/directory/remembered_people.h"
#include "service/store/flow_store.h"
#include "service/writeback/writeback_desk.h"

namespace sspr::service {

// As the url of an LDAP directory: it is reached through an agent.
inline constexpr char kThroughAgent[] = "agent:";

class AgentDirectory final : public Directory {
 public:
  // store and clock outlive it. log: one line, without secrets.
  AgentDirectory(std::unique_ptr<WritebackDesk> desk, FlowStore& store, const Clock& clock,
                 std::function<void(std::string_view)> log)
      : desk_(std::move(desk)),
        hub_(desk_->hub),
        store_(store),
        clock_(clock),
        log_(std::move(log)),
        seen_(clock, std::chrono::seconds(2)) {}

  WritebackDesk& desk() { return *desk_; }

  std::optional<DirectoryUser> Find(std::string_view canonical_username) override;
  std::optional<DirectoryUser> Get(std::string_view id) override;
  std::optional<DirectoryUser> GetFresh(std::string_view id) override;
  std::optional<DirectoryUser> Lately(std::string_view id) override;
  // Asks nobody: the name that was seen last, or that of the row in our store.
  std::string NameOf(std::string_view id) override;
  Result<bool> Verify(std::string_view id, const Secret& password) override;
  // Says "not used": the directory's policy has the history.
  Result<Proposal> Propose(std::string_view, const Secret&, int) override { return Proposal{}; }
  SetReply SetPassword(std::string_view transaction_id, std::string_view id, const Secret& password,
                       const Proposal& proposal = {}) override;
  std::optional<SetReply> Answered(std::string_view transaction_id) override;
  SetOutcome Settle(std::string_view transaction_id) override;
  Status Adopt(std::string_view canonical_username) override;
  // kPolicy: the agent's configuration does not allow it.
  Status Unlock(std::string_view id) override;

 private:
  struct Seen {
    DirectoryUser user;
    std::chrono::milliseconds read_at{0};
  };

  // Throws StoreFailure when there is no answer.
  WritebackAnswer Ask(WritebackJob job, const Secret* secret);
  std::optional<DirectoryUser> Keep(WritebackAnswer answer);
  // Nothing may be set for this transaction any more. False when somebody else was faster.
  bool Void(const std::string& transaction_id, const std::string& why);
  SetReply Queue(const std::string& transaction_id, const DirectoryUser& user,
                 const Secret& password);
  static std::optional<SetReply> ReplyOf(const JobRecord& record);

  const std::unique_ptr<WritebackDesk> desk_;
  JobHub& hub_;
  FlowStore& store_;
  const Clock& clock_;
  const std::function<void(std::string_view)> log_;
  RememberedPeople<Seen> seen_;
};

// What there is for agents; null where the directory is reached without one.
WritebackDesk* WritebackDeskOf(Directory& directory);

}  // namespace sspr::service
