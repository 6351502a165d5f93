// SPDX-License-Identifier: Apache-2.0
// In the place of a LocalReset where the machine can reset nobody (bad configuration, no state
// folder): every account is refused and every open transaction stays open.
#pragma once

#include "common/setpw/reset_steps.h"
#include "pam_module/setpw/account_writer.h"

namespace sspr::setpw {

class NoReset final : public ResetSteps {
 public:
  // accounts, if it is there, tells accounts of a directory from the machine's own even then: those
  // need nothing of this machine. It outlives this.
  explicit NoReset(AccountWriter* accounts = nullptr) : accounts_(accounts) {}

  std::vector<TransactionId> Pending() override { return {}; }
  Resolution Resolve(const TransactionId&, Verdict, std::string_view) override {
    return Resolution::kKept;
  }
  std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account, bool) override;

  // Nobody gets this far.
  std::optional<OldSecrets> Remember(const Secret&) override { return std::nullopt; }
  std::variant<Commitment, Rejection> Propose(const TransactionId&, const Secret&) override {
    return Rejection{RejectionReason::kInternal, ""};
  }
  std::optional<FailureReason> Commit(std::string_view) override {
    return FailureReason::kInternal;
  }
  SettledSecrets settled() const override { return {}; }
  std::optional<FailureReason> Unlock(std::string_view) override {
    return FailureReason::kInternal;
  }
  bool Abort() override { return true; }

 private:
  AccountWriter* const accounts_;
};

}  // namespace sspr::setpw
