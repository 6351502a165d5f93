// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "pam_module/setpw/random_bytes.h"

namespace sspr::setpw {
namespace {

constexpr char kFolder[] = "journal";
constexpr char kKeyFile[] = "journal.key";
constexpr char kKeyNew[] = ".journal.key.new";
constexpr char kSuffix[] = ".entry";
constexpr char kNewSuffix[] = ".new";
constexpr char kBadSuffix[] = ".bad";
constexpr std::size_t kMaxEntryBytes = 4096;

// Held by a writer while its temporary file exists, so that whoever cleans up meets dead ones only.
UniqueFd LockWriters(const Folder& state) {
  UniqueFd fd(openat(state.fd(), "journal.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  while (fd.valid() && flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) fd.Reset();
  }
  return fd;
}

bool OnlyOwnerMayWrite(const struct stat& about) {
  return about.st_uid == geteuid() && (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string NameOf(const TransactionId& transaction) { return ToHex(View(transaction)); }

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

std::vector<std::string> NamesIn(const Folder& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> stream(opendir(folder.path().c_str()));
  if (stream == nullptr) return names;
  while (const dirent* const entry = readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

}  // namespace

Journal::Journal(Folder state, Folder entries, JournalKey key, std::string binding)
    : state_(std::move(state)),
      entries_(std::move(entries)),
      key_(std::move(key)),
      binding_(std::move(binding)) {}

Result<Journal> Journal::Open(const std::string& state_folder, std::string binding) {
  Result<Folder> state = Folder::Open(state_folder);
  if (!state) return state.error();
  struct stat about {};
  if (fstat(state->fd(), &about) != 0 || !OnlyOwnerMayWrite(about)) {
    return {Errc::kInternal, state_folder + " belongs to others, or others may write to it"};
  }
  if (mkdirat(state->fd(), kFolder, 0700) == 0) {
    if (fsync(state->fd()) != 0) return {Errc::kInternal, "fsync " + state_folder};
  } else if (errno != EEXIST) {
    return {Errc::kInternal, state_folder + "/journal: " + strerror(errno)};
  }
  Result<Folder> entries = Folder::Open(state_folder + "/" + kFolder);
  if (!entries) return entries.error();
  if (fstat(entries->fd(), &about) != 0 || !OnlyOwnerMayWrite(about)) {
    return {Errc::kInternal, state_folder + "/journal belongs to others"};
  }
  Result<JournalKey> key = LoadOrMakeKey(*state);
  if (!key) return key.error();
  return Journal(std::move(*state), std::move(*entries), std::move(*key), std::move(binding));
}

Result<JournalKey> Journal::LoadOrMakeKey(const Folder& state) {
  const UniqueFd lock = LockWriters(state);
  if (!lock.valid()) return {Errc::kInternal, "cannot lock the journal"};
  Result<FileText> file = state.Read(kKeyFile, kJournalKeyBytes);
  if (!file && file.error().code != Errc::kUnreachable) return file.error();
  if (!file) {
    JournalKey fresh;
    if (!fresh.Resize(kJournalKeyBytes) || !FillRandom(fresh.Bytes())) {
      return {Errc::kInternal, "no random numbers"};
    }
    if (Status removed = state.Remove(kKeyNew); !removed) return removed.error();
    if (Status made = state.Create(kKeyNew, fresh.Reveal(), 0600); !made) return made.error();
    if (Status named = state.Rename(kKeyNew, kKeyFile); !named) return named.error();
    return fresh;
  }
  const bool is_private = file->about.st_uid == geteuid() && (file->about.st_mode & 077) == 0;
  auto key = JournalKey::CopyOf(file->text.View());
  if (!is_private || !key || key->size() != kJournalKeyBytes) {
    return {Errc::kInternal, state.path() + "/journal.key is not a private key of 32 bytes"};
  }
  return std::move(*key);
}

Status Journal::Write(const JournalEntry& entry) {
  const std::string name = NameOf(entry.transaction);
  const Result<std::string> sealed = SealEntry(entry, key_, binding_);
  if (!sealed) return sealed.error();
  const UniqueFd lock = LockWriters(state_);
  if (!lock.valid()) return {Errc::kInternal, "cannot lock the journal"};
  const bool is_new = faccessat(entries_.fd(), (name + kSuffix).c_str(), F_OK, 0) != 0;
  if (is_new && Transactions().size() >= kMaxOpenEntries) {
    return {Errc::kPolicy, "too many open transactions"};
  }
  if (Status removed = entries_.Remove(name + kNewSuffix); !removed) return removed;
  if (Status made = entries_.Create(name + kNewSuffix, *sealed, 0600); !made) return made;
  return entries_.Rename(name + kNewSuffix, name + kSuffix);
}

Status Journal::Remove(const TransactionId& transaction) {
  return entries_.Remove(NameOf(transaction) + kSuffix);
}

Result<JournalEntry> Journal::Read(const TransactionId& transaction) const {
  const Result<FileText> file = entries_.Read(NameOf(transaction) + kSuffix, kMaxEntryBytes);
  if (!file) return file.error();
  Result<JournalEntry> entry = OpenEntry(file->text.View(), key_, binding_);
  if (entry && entry->transaction != transaction) {
    return {Errc::kProtocol, "the journal entry was renamed"};
  }
  return entry;
}

std::vector<TransactionId> Journal::Transactions() const {
  std::vector<TransactionId> found;
  for (const std::string& name : NamesIn(entries_)) {
    if (!name.ends_with(kSuffix)) continue;
    const auto bytes = FromHex(std::string_view(name).substr(0, name.size() - strlen(kSuffix)));
    if (!bytes) continue;
    const auto transaction = FixedBytesFrom<kTransactionIdBytes>(*bytes);
    if (transaction && NameOf(*transaction) + kSuffix == name) found.push_back(*transaction);
  }
  return found;
}

Status Journal::Quarantine(const TransactionId& transaction) {
  const std::string name = NameOf(transaction);
  return entries_.Rename(name + kSuffix, name + kBadSuffix);
}

void Journal::RemoveLeftovers() {
  const UniqueFd lock = LockWriters(state_);
  if (!lock.valid()) return;
  for (const std::string& name : NamesIn(entries_)) {
    if (name.ends_with(kNewSuffix)) static_cast<void>(entries_.Remove(name));
  }
  static_cast<void>(state_.Remove(kKeyNew));
}

}  // namespace sspr::setpw
