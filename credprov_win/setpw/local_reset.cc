// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/setpw/local_reset.h"

#include <windows.h>
// After windows.h.
#include <bcrypt.h>

#include "common/permit/commitment.h"
#include "credprov_win/setpw/event_log.h"

namespace sspr::setpw {
namespace {

template <std::size_t Size>
bool FillRandom(FixedBytes<Size>& bytes) {
  return BCryptGenRandom(nullptr, reinterpret_cast<UCHAR*>(bytes.data()), static_cast<ULONG>(Size),
                         BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}

}  // namespace

LocalReset::LocalReset(std::optional<Trust> trust, const Clock& clock)
    : trust_(std::move(trust)), clock_(clock) {}

std::variant<ReadyToReset, RefusalReason> LocalReset::Prepare(std::string_view name, bool) {
  auto found = FindAccount(name, clock_.Now());
  auto* const account = std::get_if<LocalAccount>(&found);
  Refusal refusal;
  if (account == nullptr) {
    refusal = std::get<Refusal>(found);
  } else if (!trust_) {
    refusal = {RefusalReason::kNotEnrolled, "this computer holds no key of permits"};
  } else if (!FillRandom(nonce_)) {
    refusal = {RefusalReason::kInternal, "no random numbers"};
  } else {
    account_ = std::move(*account);
    return ReadyToReset{
        .device = trust_->device, .nonce = nonce_, .locked_out = account_->locked_out};
  }
  // The name comes from the other side; what is no account of ours may be a password.
  const bool known = refusal.reason != RefusalReason::kNotLocal;
  LogEvent(refusal.reason == RefusalReason::kInternal ? Event::kInternal : Event::kPrepareRefused,
           (known ? std::string(name) : std::string("unknown user")) + ": " + refusal.detail);
  return refusal.reason;
}

std::variant<Commitment, Rejection> LocalReset::Propose(const TransactionId& transaction,
                                                        const Secret& password) {
  proposal_.reset();
  const auto internal = [](const char* why) {
    LogEvent(Event::kInternal, why);
    return Rejection{RejectionReason::kInternal, ""};
  };
  if (const auto rejected = WhyNotThis(*account_, password)) {
    if (*rejected == RejectionReason::kInternal) return internal("the rules cannot be asked");
    LogEvent(Event::kProposalRejected, account_->name);
    return Rejection{*rejected, ""};
  }
  CommitmentSalt salt;
  std::optional<Secret> copy = Secret::CopyOf(password.Reveal());
  if (!copy || !FillRandom(salt)) return internal("no random numbers");
  const Result<Commitment> commitment = PasswordCommitment(nonce_, salt, password);
  if (!commitment) return internal("SHA-256 failed");
  proposal_.emplace(Proposal{transaction, *commitment, std::move(*copy)});
  LogEvent(Event::kProposed, account_->name);
  return *commitment;
}

bool LocalReset::Permits(WantedPermit wanted, std::string_view permit) const {
  wanted.account = account_->name;
  wanted.device = trust_->device;
  wanted.nonce = nonce_;
  const auto why_not = WhyNotPermitted(wanted, permit, trust_->permit_keys, clock_.Now());
  if (why_not) LogEvent(Event::kPermitRefused, account_->name + ": " + *why_not);
  return !why_not;
}

// The nonce was drawn for this connection and a connection commits once: no permit counts twice.
std::optional<FailureReason> LocalReset::Commit(std::string_view permit) {
  const Proposal proposal = std::move(*proposal_);
  proposal_.reset();
  if (!Permits({.commitment = proposal.commitment, .transaction = proposal.transaction}, permit)) {
    return FailureReason::kBadPermit;
  }
  const Status set =
      SetPassword(*account_, proposal.password, clock_.Now(), [this](const std::string& what) {
        LogEvent(Event::kBesideTheChange, account_->name + ": " + what);
      });
  if (set) {
    LogEvent(Event::kPasswordSet, account_->name);
    return std::nullopt;
  }
  // Nothing is finished later: whatever the reason is, the account is as it was.
  LogEvent(Event::kNotSet, account_->name + ": " + set.error().detail);
  return FailureReason::kChanged;
}

std::optional<FailureReason> LocalReset::Unlock(std::string_view permit) {
  if (!Permits({.operation = PermitOperation::kUnlock}, permit)) return FailureReason::kBadPermit;
  if (const Status cleared = ClearLockout(*account_); !cleared) {
    LogEvent(Event::kInternal, account_->name + ": " + cleared.error().detail);
    return FailureReason::kInternal;
  }
  LogEvent(Event::kUnlocked, account_->name);
  return std::nullopt;
}

bool LocalReset::Abort() {
  proposal_.reset();
  return true;
}

}  // namespace sspr::setpw
