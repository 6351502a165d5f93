// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/local_reset.h"

#include "common/permit/commitment.h"
#include "pam_module/setpw/event_log.h"
#include "pam_module/setpw/password_check.h"
#include "pam_module/setpw/random_bytes.h"

namespace sspr::setpw {
namespace {

constexpr std::chrono::seconds kRehearsalLockWait{5};

}  // namespace

LocalReset::LocalReset(std::optional<Enrolment> enrolment, const MachinePolicy& policy,
                       AccountWriter& accounts, Journal& journal, const Clock& clock,
                       const SecretKeeper* keeper)
    : enrolment_(std::move(enrolment)),
      policy_(policy),
      accounts_(accounts),
      journal_(journal),
      clock_(clock),
      recovery_(journal, accounts, clock, keeper),
      keeper_(keeper) {}

std::vector<TransactionId> LocalReset::Pending() {
  std::vector<TransactionId> pending;
  if (!enrolment_) return pending;
  for (const Recovery::Line& line : recovery_.Walk(kVisitLockWait)) {
    if (line.what == Recovery::Line::What::kAwaitsVerdict && pending.size() < kMaxPendingListed) {
      pending.push_back(line.transaction);
    }
  }
  return pending;
}

Resolution LocalReset::Resolve(const TransactionId& transaction, Verdict verdict,
                               std::string_view permit) {
  if (!enrolment_) return Resolution::kKept;
  Result<JournalEntry> entry = journal_.Read(transaction);
  if (!entry && entry.error().code == Errc::kUnreachable) return Resolution::kVoided;
  if (!entry) return Resolution::kKept;
  const auto lock = AccountLock::TryTake(journal_.State(), entry->uid);
  if (!lock) return Resolution::kKept;
  entry = journal_.Read(transaction);
  if (!entry) return Resolution::kKept;
  std::optional<SetOutcome> outcome;
  if (entry->state == EntryState::kCommitting) {
    outcome = recovery_.Commit(*entry, kCommitLockWait);
  } else {
    switch (verdict) {
      case Verdict::kUnknown:
        return Resolution::kKept;
      case Verdict::kFailed:
        return recovery_.Void(*entry, "the service did not set the password") ? Resolution::kVoided
                                                                              : Resolution::kKept;
      case Verdict::kSucceeded:
        if (!Permits(*entry, permit)) return Resolution::kKept;
        outcome = SpendAndCommit(*entry);
        break;
    }
  }
  if (!outcome) return Resolution::kKept;
  switch (*outcome) {
    case SetOutcome::kSet:
    case SetOutcome::kAlreadySet:
      return Resolution::kCompleted;
    case SetOutcome::kChanged:
      return Resolution::kVoided;
    case SetOutcome::kLocked:
    case SetOutcome::kFailed:
      break;
  }
  return Resolution::kKept;
}

std::optional<Refusal> LocalReset::TryPrepare(std::string_view name) {
  if (enrolment_) recovery_.Walk(kVisitLockWait);
  // Whoever was killed before its entry was in the journal left a file and no entry.
  accounts_.RemoveLeftovers(kVisitLockWait);
  journal_.RemoveLeftovers();
  Lookup found = accounts_.Look(name);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return *refusal;
  if (!enrolment_) return Refusal{RefusalReason::kNotEnrolled, "no device id or permit key"};
  auto& account = std::get<LocalAccount>(found);
  auto lock = AccountLock::TryTake(journal_.State(), account.uid);
  if (!lock) return Refusal{RefusalReason::kBusy, "another reset is under way"};
  if (!FillRandom(nonce_)) return Refusal{RefusalReason::kInternal, "no random numbers"};
  account_ = std::move(account);
  lock_ = std::move(lock);
  return std::nullopt;
}

std::optional<Refusal> LocalReset::TryPrepareOfDirectory(std::string_view name) {
  if (!enrolment_) return Refusal{RefusalReason::kNotEnrolled, "no device id or permit key"};
  if (auto refusal = accounts_.LookInDirectory(name)) return refusal;
  if (!FillRandom(nonce_)) return Refusal{RefusalReason::kInternal, "no random numbers"};
  directory_account_ = std::string(name);
  return std::nullopt;
}

std::variant<ReadyToReset, RefusalReason> LocalReset::Prepare(std::string_view name,
                                                              bool or_directory) {
  auto refusal = TryPrepare(name);
  if (refusal && refusal->reason == RefusalReason::kNotLocal && or_directory) {
    if (auto no_unlock = TryPrepareOfDirectory(name)) {
      refusal->detail += "; its failed logins stay: " + no_unlock->detail;
    } else {
      return ReadyToReset{enrolment_->device, nonce_, accounts_.IsLockedOut(name), true,
                          kNoSecrets};
    }
  }
  if (!refusal) {
    const OldSecrets found =
        keeper_ != nullptr ? keeper_->Find(account_->name, account_->uid) : kNoSecrets;
    return ReadyToReset{enrolment_->device, nonce_, accounts_.IsLockedOut(account_->name), false,
                        found};
  }
  // The name comes from the other side; what is no account of ours may be a password.
  const bool known = refusal->reason != RefusalReason::kNotLocal;
  LogEvent(refusal->reason == RefusalReason::kInternal ? Event::kInternal : Event::kPrepareRefused,
           (known ? std::string(name) : std::string("unknown user")) + ": " + refusal->detail);
  return refusal->reason;
}

std::optional<OldSecrets> LocalReset::Remember(const Secret& old_password) {
  if (keeper_ == nullptr) return kNoSecrets;
  const OldSecrets opened = keeper_->OpenedBy(account_->name, account_->uid, old_password);
  if (opened != kNoSecrets) old_password_ = Secret::CopyOf(old_password.Reveal());
  return opened;
}

// What was promised to stay open must, or the password is not changed at all.
std::optional<Rejection> LocalReset::StageSecrets(const Secret& password) {
  if (!old_password_) return std::nullopt;
  const Status staged = keeper_->Stage(*entry_, *old_password_, password);
  if (staged) return std::nullopt;
  static_cast<void>(Abort());
  const bool too_long = staged.error().code == Errc::kPolicy;
  return Rejection{too_long ? RejectionReason::kTooLong : RejectionReason::kInternal, ""};
}

std::variant<Commitment, Rejection> LocalReset::Propose(const TransactionId& transaction,
                                                        const Secret& password) {
  const auto internal = [](const std::string& why) {
    LogEvent(Event::kInternal, why);
    return Rejection{RejectionReason::kInternal, ""};
  };
  if (entry_ && !Abort()) return Rejection{RejectionReason::kInternal, ""};
  const Result<JournalEntry> other = journal_.Read(transaction);
  if (other || other.error().code != Errc::kUnreachable) {
    return internal("the transaction id is in use");
  }
  CheckedPassword checked = CheckAndHash(password, *account_, policy_);
  if (auto* rejected = std::get_if<Rejection>(&checked)) {
    if (rejected->reason == RejectionReason::kInternal) return internal(rejected->detail);
    LogEvent(Event::kProposalRejected, account_->name);
    return *rejected;
  }
  CommitmentSalt salt;
  if (!FillRandom(salt)) return internal("no random numbers");
  const Result<Commitment> commitment = PasswordCommitment(nonce_, salt, password);
  if (!commitment) return internal(commitment.error().detail);

  JournalEntry entry;
  entry.transaction = transaction;
  entry.created_at = clock_.Now();
  entry.account = account_->name;
  entry.uid = account_->uid;
  entry.old = FingerprintOf(account_->hash.Reveal());
  entry.nonce = nonce_;
  entry.commitment = *commitment;
  entry.new_hash = std::move(std::get<CryptHash>(checked));
  const HashChange change{entry.account,           entry.uid,        entry.old,
                          entry.new_hash.Reveal(), entry.created_at, kRehearsalLockWait};
  if (Status possible = accounts_.Rehearse(change); !possible) {
    return internal(possible.error().detail);
  }
  if (Status written = journal_.Write(entry); !written) {
    // It may be there all the same, not synced: nobody was told of it.
    static_cast<void>(journal_.Remove(transaction));
    return internal(written.error().detail);
  }
  LogEvent(Event::kProposed, entry.account);
  entry_ = std::move(entry);
  if (const auto rejected = StageSecrets(password)) return *rejected;
  return *commitment;
}

bool LocalReset::Permits(WantedPermit wanted, std::string_view permit) const {
  wanted.device = enrolment_->device;
  const auto why_not = WhyNotPermitted(wanted, permit, enrolment_->permit_keys, clock_.Now());
  if (why_not) LogEvent(Event::kPermitRefused, std::string(wanted.account) + ": " + *why_not);
  return !why_not;
}

bool LocalReset::Permits(const JournalEntry& entry, std::string_view permit) const {
  return Permits(WantedPermit{.account = entry.account,
                              .nonce = entry.nonce,
                              .commitment = entry.commitment,
                              .transaction = entry.transaction},
                 permit);
}

std::optional<FailureReason> LocalReset::Unlock(std::string_view permit) {
  const std::string& name = account_ ? account_->name : *directory_account_;
  if (!Permits(
          WantedPermit{.operation = PermitOperation::kUnlock, .account = name, .nonce = nonce_},
          permit)) {
    return FailureReason::kBadPermit;
  }
  const std::optional<uid_t> uid = account_ ? std::optional(account_->uid) : std::nullopt;
  if (Status cleared = accounts_.ClearLockout(name, uid); !cleared) {
    LogEvent(Event::kInternal, cleared.error().detail);
    return FailureReason::kInternal;
  }
  LogEvent(Event::kUnlocked, name);
  return std::nullopt;
}

std::optional<SetOutcome> LocalReset::SpendAndCommit(JournalEntry& entry) {
  entry.state = EntryState::kCommitting;
  if (Status written = journal_.Write(entry); !written) {
    // Whether the disk has it or not: the entry is open, and a later visit goes on from there.
    LogEvent(Event::kInternal, written.error().detail);
    return std::nullopt;
  }
  return recovery_.Commit(entry, kCommitLockWait);
}

std::optional<FailureReason> LocalReset::Commit(std::string_view permit) {
  if (!Permits(*entry_, permit)) return FailureReason::kBadPermit;
  const auto outcome = SpendAndCommit(*entry_);
  if (!outcome) return FailureReason::kInternal;
  switch (*outcome) {
    case SetOutcome::kSet:
    case SetOutcome::kAlreadySet:
      return std::nullopt;
    case SetOutcome::kChanged:
      return FailureReason::kChanged;
    case SetOutcome::kLocked:
      return FailureReason::kLocked;
    case SetOutcome::kFailed:
      break;
  }
  return FailureReason::kInternal;
}

bool LocalReset::Abort() {
  if (!entry_) return true;
  const Status voided = recovery_.Void(*entry_, "ended by the caller");
  if (voided) entry_.reset();
  return voided.ok();
}

}  // namespace sspr::setpw
