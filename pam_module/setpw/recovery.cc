// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/recovery.h"

#include <algorithm>
#include <utility>

#include "pam_module/setpw/account_lock.h"
#include "pam_module/setpw/event_log.h"

namespace sspr::setpw {
namespace {

std::string Subject(const JournalEntry& entry) {
  return entry.account + ", transaction " + ToHex(View(entry.transaction));
}

}  // namespace

const char* Name(Recovery::Line::What what) noexcept {
  switch (what) {
    case Recovery::Line::What::kCompleted:
      return "completed";
    case Recovery::Line::What::kVoided:
      return "voided";
    case Recovery::Line::What::kAwaitsVerdict:
      return "waits for the service's answer";
    case Recovery::Line::What::kAwaitsFiles:
      return "waits for the password files";
    case Recovery::Line::What::kInUse:
      return "is under way";
    case Recovery::Line::What::kQuarantined:
      return "put aside, unreadable";
  }
  return "";
}

bool IsOpen(Recovery::Line::What what) noexcept {
  return what == Recovery::Line::What::kAwaitsVerdict ||
         what == Recovery::Line::What::kAwaitsFiles || what == Recovery::Line::What::kInUse;
}

Recovery::Recovery(Journal& journal, AccountWriter& accounts, const Clock& clock,
                   const SecretKeeper* keeper)
    : journal_(journal), accounts_(accounts), clock_(clock), keeper_(keeper) {}

SetOutcome Recovery::Commit(const JournalEntry& entry, std::chrono::milliseconds lock_wait) {
  const HashChange change{entry.account,           entry.uid,        entry.old,
                          entry.new_hash.Reveal(), entry.created_at, lock_wait};
  const SetOutcome outcome = accounts_.SetHash(change);
  switch (outcome) {
    case SetOutcome::kSet:
    case SetOutcome::kAlreadySet: {
      LogEvent(Event::kPasswordSet, Subject(entry));
      // Before the entry goes: a kill in between leaves it open, and all of this may be repeated.
      if (keeper_ != nullptr) settled_ = keeper_->Settle(entry);
      // An entry that stays finds the hash set at the next visit.
      const Status closed = journal_.Remove(entry.transaction);
      if (!closed) LogEvent(Event::kInternal, closed.error().detail);
      break;
    }
    case SetOutcome::kChanged:
      static_cast<void>(Void(entry, "the account changed meanwhile"));
      break;
    case SetOutcome::kLocked:
    case SetOutcome::kFailed:
      LogEvent(Event::kDeferred, Subject(entry));
      break;
  }
  return outcome;
}

Status Recovery::Void(const JournalEntry& entry, std::string_view why) {
  if (keeper_ != nullptr) keeper_->Drop(entry);
  Status removed = journal_.Remove(entry.transaction);
  if (removed) {
    LogEvent(Event::kVoided, Subject(entry) + ": " + std::string(why));
  } else {
    LogEvent(Event::kInternal, removed.error().detail);
  }
  return removed;
}

Recovery::Line::What Recovery::Visit(const JournalEntry& entry,
                                     std::chrono::milliseconds lock_wait) {
  if (entry.state == EntryState::kProposed) {
    if (clock_.Now() - entry.created_at <= kVerdictLimitSeconds) return Line::What::kAwaitsVerdict;
    return Void(entry, "no answer of the service for 24 hours") ? Line::What::kVoided
                                                                : Line::What::kAwaitsVerdict;
  }
  switch (Commit(entry, lock_wait)) {
    case SetOutcome::kSet:
    case SetOutcome::kAlreadySet:
      return Line::What::kCompleted;
    case SetOutcome::kChanged:
      return Line::What::kVoided;
    case SetOutcome::kLocked:
    case SetOutcome::kFailed:
      break;
  }
  return Line::What::kAwaitsFiles;
}

std::vector<Recovery::Line> Recovery::Walk(std::chrono::milliseconds lock_wait) {
  std::vector<std::pair<UnixSeconds, Line>> lines;
  bool files_locked = false;
  for (const TransactionId& transaction : journal_.Transactions()) {
    // Read once for the uid, and again under its lock: the owner may just have closed it.
    Result<JournalEntry> entry = journal_.Read(transaction);
    if (!entry && entry.error().code == Errc::kUnreachable) continue;
    if (!entry && entry.error().code == Errc::kProtocol) {
      LogEvent(Event::kQuarantined, ToHex(View(transaction)) + ": " + entry.error().detail);
      static_cast<void>(journal_.Quarantine(transaction));
      lines.push_back({0, {transaction, "", Line::What::kQuarantined}});
      continue;
    }
    if (!entry) {
      LogEvent(Event::kInternal, entry.error().detail);
      lines.push_back({0, {transaction, "", Line::What::kAwaitsFiles}});
      continue;
    }
    const auto lock = AccountLock::TryTake(journal_.State(), entry->uid);
    if (!lock) {
      lines.push_back({entry->created_at, {transaction, entry->account, Line::What::kInUse}});
      continue;
    }
    entry = journal_.Read(transaction);
    if (!entry) continue;
    Line::What what = Line::What::kAwaitsFiles;
    if (entry->state == EntryState::kProposed || !files_locked) what = Visit(*entry, lock_wait);
    // One wait for the password files is enough for all entries.
    files_locked = files_locked || what == Line::What::kAwaitsFiles;
    lines.push_back({entry->created_at, {transaction, entry->account, what}});
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Line> sorted;
  sorted.reserve(lines.size());
  for (auto& [created_at, line] : lines) sorted.push_back(std::move(line));
  return sorted;
}

}  // namespace sspr::setpw
