// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw.exe does for its one caller, step by step. Which step is legal when is the
// Dialogue's business, what a step may do is decided here.
//
// There is no journal, as there is on Linux: Windows takes no hash, only the password itself, which
// belongs on no disk; and it sets it in one call. What a power cut leaves is an account with its
// old password, and the reset is begun anew.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/permit/permit_check.h"
#include "common/setpw/reset_steps.h"
#include "credprov_win/setpw/local_accounts.h"

namespace sspr::setpw {

// What sspr-enroll.exe wrote down.
struct Trust {
  DeviceId device{};
  std::vector<VerifyingKey> permit_keys;  // each signed for by the one before, but the first
};

class LocalReset final : public ResetSteps {
 public:
  // The clock must outlive the object. Without trust nobody is reset.
  LocalReset(std::optional<Trust> trust, const Clock& clock);

  // Nothing is ever left open.
  std::vector<TransactionId> Pending() override { return {}; }
  Resolution Resolve(const TransactionId&, Verdict, std::string_view) override {
    return Resolution::kVoided;
  }
  // Failed logons of a domain are no affair of this computer's.
  std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account,
                                                    bool or_directory) override;
  // Windows' own seals are told of by sspr-flow.exe; of the other old secrets there are none here.
  std::optional<OldSecrets> Remember(const Secret&) override { return std::nullopt; }
  std::variant<Commitment, Rejection> Propose(const TransactionId& transaction,
                                              const Secret& password) override;
  // Spends the proposal.
  std::optional<FailureReason> Commit(std::string_view permit) override;
  SettledSecrets settled() const override { return {}; }
  std::optional<FailureReason> Unlock(std::string_view permit) override;
  bool Abort() override;

 private:
  struct Proposal {
    TransactionId transaction{};
    Commitment commitment{};
    Secret password;
  };
  // Logs why not.
  bool Permits(WantedPermit wanted, std::string_view permit) const;

  const std::optional<Trust> trust_;
  const Clock& clock_;
  std::optional<LocalAccount> account_;
  Nonce nonce_{};
  std::optional<Proposal> proposal_;
};

}  // namespace sspr::setpw
