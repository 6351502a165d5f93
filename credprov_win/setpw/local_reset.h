// SPDX-License-Identifier: Apache-2.0
// What sspr-setpw.exe does for its one caller, step by step. Knows no frames; which step is legal
// when is the Dialogue's business, what a step may do is decided here.
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
#include "common/base/setpw_frames.h"
#include "common/permit/permit_check.h"
#include "credprov_win/setpw/local_accounts.h"

namespace sspr::setpw {

// What sspr-enroll.exe wrote down.
struct Trust {
  DeviceId device{};
  std::vector<VerifyingKey> permit_keys;  // each signed for by the one before, but the first
};

struct ReadyToReset {
  DeviceId device;
  Nonce nonce;
  bool locked_out = false;  // by failed logons
};

class LocalReset {
 public:
  // The clock must outlive the object. Without trust nobody is reset.
  LocalReset(std::optional<Trust> trust, const Clock& clock);

  std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account);

  // The following need a Prepare that succeeded. A proposal replaces the one before it, also when
  // it is rejected.
  std::variant<Commitment, RejectionReason> Propose(const TransactionId& transaction,
                                                    const Secret& password);
  // Nothing: the password is set. Needs a proposal, and spends it.
  std::optional<FailureReason> Commit(std::string_view permit);
  // Nothing: failed logons are forgotten, the password is as it was.
  std::optional<FailureReason> Unlock(std::string_view permit);
  void Abort();

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
