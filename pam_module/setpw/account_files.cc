// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/account_files.h"

#include <algorithm>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/failure_tally.h"
#include "pam_module/setpw/shadow_text.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMaxFileBytes = 32 * 1024 * 1024;
constexpr std::int64_t kSecondsOfDay = 86400;
constexpr char kShadow[] = "shadow";
constexpr char kShadowNew[] = ".shadow.sspr-new";

std::string NewNameOf(const std::string& file) { return "." + file + ".sspr-new"; }

}  // namespace

struct AccountFiles::Texts {
  FileText passwd;
  FileText shadow;
  FileText group;
  AccountTexts View() const { return {passwd.text.View(), shadow.text.View(), group.text.View()}; }
};

AccountFiles::AccountFiles(Settings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {}

std::int64_t AccountFiles::Today(UnixSeconds not_before) const {
  return std::max(clock_.Now(), not_before) / kSecondsOfDay;
}

Result<AccountFiles::Texts> AccountFiles::ReadTexts(const Folder& etc) const {
  Result<FileText> passwd = etc.Read("passwd", kMaxFileBytes);
  if (!passwd) return passwd.error();
  Result<FileText> shadow = etc.Read(kShadow, kMaxFileBytes);
  if (!shadow) return shadow.error();
  Result<FileText> group = etc.Read("group", kMaxFileBytes);
  if (!group) return group.error();
  for (const FileText* file : {&*passwd, &*shadow, &*group}) {
    if (file->text.View().find('\0') != std::string_view::npos) {
      return {Errc::kInternal, "an account file holds a NUL"};
    }
  }
  return Texts{std::move(*passwd), std::move(*shadow), std::move(*group)};
}

Lookup AccountFiles::Look(std::string_view account) {
  const Result<Folder> etc = Folder::Open(settings_.etc);
  if (!etc) return Refusal{RefusalReason::kInternal, etc.error().detail};
  const Result<Texts> texts = ReadTexts(*etc);
  if (!texts) return Refusal{RefusalReason::kInternal, texts.error().detail};
  Lookup found = FindAccount(texts->View(), settings_.limits, account, Today(0));
  // A machine whose root is read-only is told so before any proof is asked for.
  if (std::holds_alternative<LocalAccount>(found) && !etc->IsWritable(".")) {
    return Refusal{RefusalReason::kReadOnly, settings_.etc + " is read-only"};
  }
  return found;
}

Status AccountFiles::Rehearse(const HashChange& change) {
  const Result<Folder> etc = Folder::Open(settings_.etc);
  if (!etc) return etc.error();
  const auto lock = PasswordFileLock::Take(*etc, clock_, change.lock_wait);
  if (!lock) return lock.error();
  const Result<FileText> shadow = etc->Read(kShadow, kMaxFileBytes);
  if (!shadow) return shadow.error();
  const Result<WipedText> made = ShadowWithNewHash(shadow->text.View(), change.account,
                                                   change.new_hash, Today(change.decided_at));
  if (!made) return made.error();
  if (!etc->IsWritable(kShadow)) return {Errc::kInternal, settings_.etc + "/shadow is read-only"};
  if (Status removed = etc->Remove(kShadowNew); !removed) return removed;
  if (Status written = etc->CreateLike(kShadowNew, made->View(), kShadow); !written) return written;
  return etc->Remove(kShadowNew);
}

SetOutcome AccountFiles::SetHash(const HashChange& change) {
  const Result<Folder> etc = Folder::Open(settings_.etc);
  if (!etc) {
    settings_.note(etc.error().detail);
    return SetOutcome::kFailed;
  }
  const auto lock = PasswordFileLock::Take(*etc, clock_, change.lock_wait);
  if (!lock) {
    settings_.note(lock.error().detail);
    return lock.error().code == Errc::kTimedOut ? SetOutcome::kLocked : SetOutcome::kFailed;
  }
  return SetLocked(*etc, change);
}

SetOutcome AccountFiles::SetLocked(const Folder& etc, const HashChange& change) {
  const auto failed = [this](const Error& error) {
    settings_.note(error.detail);
    return SetOutcome::kFailed;
  };
  if (Status removed = etc.Remove(kShadowNew); !removed) return failed(removed.error());
  const Result<Texts> texts = ReadTexts(etc);
  if (!texts) return failed(texts.error());

  const std::string_view current = HashIn(texts->shadow.text.View(), change.account);
  if (!current.empty() && current == change.new_hash) {
    // Set before a kill or power cut: the name may not have reached the disk yet.
    if (Status synced = etc.SyncFile(kShadow); !synced) return failed(synced.error());
    ClearTally(change);
    return SetOutcome::kAlreadySet;
  }
  const Lookup found =
      FindAccount(texts->View(), settings_.limits, change.account, Today(change.decided_at));
  const auto* const account = std::get_if<LocalAccount>(&found);
  if (account == nullptr) {
    settings_.note("no longer to be reset: " + std::get<Refusal>(found).detail);
    return SetOutcome::kChanged;
  }
  if (account->uid != change.uid || FingerprintOf(current) != change.old) {
    settings_.note("uid or password changed meanwhile");
    return SetOutcome::kChanged;
  }
  // Before the change: afterwards the old hash is nowhere. The remote password is set already, so
  // a history that cannot be written is no reason to stop.
  if (Status kept = Remember(change, current); !kept) settings_.note(kept.error().detail);
  if (Status set = Replace(etc, change, texts->shadow.text.View()); !set) {
    return failed(set.error());
  }
  ClearTally(change);
  return SetOutcome::kSet;
}

Status AccountFiles::Replace(const Folder& etc, const HashChange& change,
                             std::string_view shadow) const {
  const Result<WipedText> made =
      ShadowWithNewHash(shadow, change.account, change.new_hash, Today(change.decided_at));
  if (!made) return made.error();
  if (Status written = etc.CreateLike(kShadowNew, made->View(), kShadow); !written) return written;
  if (Status renamed = etc.Rename(kShadowNew, kShadow); !renamed) {
    // Without a synced folder the change may or may not be there: the next run finds out.
    return renamed;
  }
  const Result<FileText> after = etc.Read(kShadow, kMaxFileBytes);
  if (!after) return after.error();
  if (after->text.View() != made->View()) return {Errc::kInternal, "shadow was not read back"};
  return Ok();
}

Status AccountFiles::Remember(const HashChange& change, std::string_view old_hash) const {
  const MachinePolicy& policy = settings_.policy;
  if (policy.remember == 0) return Ok();
  const Result<Folder> folder = Folder::Open(policy.history_folder);
  if (!folder) return folder.error();
  const std::string temporary = NewNameOf(policy.history_file);
  if (Status removed = folder->Remove(temporary); !removed) return removed;
  const Result<FileText> before = folder->Read(policy.history_file, kMaxFileBytes);
  const bool is_new = !before && before.error().code == Errc::kUnreachable;
  if (!before && !is_new) return before.error();
  const std::string_view text = is_new ? std::string_view() : before->text.View();
  const WipedText made =
      HistoryWithHash(text, change.account, change.uid, old_hash, policy.remember);
  if (made.View() == text) return Ok();
  Status written = is_new ? folder->Create(temporary, made.View(), 0600)
                          : folder->CreateLike(temporary, made.View(), policy.history_file);
  if (!written) return written;
  return folder->Rename(temporary, policy.history_file);
}

void AccountFiles::ClearTally(const HashChange& change) const {
  const Status cleared =
      ClearFailureTally(settings_.tally_folder, std::string(change.account), change.uid);
  if (!cleared) settings_.note(cleared.error().detail);
}

std::optional<Refusal> AccountFiles::LookInDirectory(std::string_view account) {
  const Result<Folder> etc = Folder::Open(settings_.etc);
  if (!etc) return Refusal{RefusalReason::kInternal, etc.error().detail};
  const Result<Texts> texts = ReadTexts(*etc);
  if (!texts) return Refusal{RefusalReason::kInternal, texts.error().detail};
  return WhyNotOfDirectory(texts->View(), settings_.limits, account);
}

bool AccountFiles::IsLockedOut(std::string_view account) {
  return IsLockedByFailures(settings_.tally_folder, std::string(account), settings_.failure_limits,
                            clock_.Now());
}

Status AccountFiles::ClearLockout(std::string_view account, std::optional<uid_t> uid) {
  const std::string name(account);
  if (uid) return ClearFailureTally(settings_.tally_folder, name, *uid);
  return ClearDirectoryTally(settings_.tally_folder, name, settings_.limits.min_uid);
}

void AccountFiles::RemoveLeftovers(std::chrono::milliseconds lock_wait) {
  const Result<Folder> etc = Folder::Open(settings_.etc);
  if (!etc) return;
  const Result<Folder> history = Folder::Open(settings_.policy.history_folder);
  const std::string history_new = NewNameOf(settings_.policy.history_file);
  if (!etc->Has(kShadowNew) && !(history && history->Has(history_new))) return;
  const auto lock = PasswordFileLock::Take(*etc, clock_, lock_wait);
  if (!lock) return;
  Status removed = etc->Remove(kShadowNew);
  if (removed && history) removed = history->Remove(history_new);
  if (!removed) settings_.note(removed.error().detail);
}

}  // namespace sspr::setpw
