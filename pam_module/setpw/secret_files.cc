// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/secret_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "pam_module/setpw/block_cipher.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/fscrypt_protectors.h"
#include "pam_module/setpw/locked_files.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMostFileBytes = 4 * 1024 * 1024;
constexpr std::string_view kWalletMagic("KWALLET\n\r\0\r\n", 12);

// One file that a password locks.
struct LockedFile {
  OldSecrets kind;
  Folder folder;
  const char* name;
  // "login-before-reset-…" + this; null: the file is never put aside.
  const char* stem;
  const char* ending;
};

bool CanBeRelocked(const LockedFile& file) {
  return file.kind == kSecretGnomeKeyring || file.kind == kSecretEcryptfs;
}

std::optional<FileText> ReadOwn(const LockedFile& file) {
  Result<FileText> read = file.folder.Read(file.name, kMostFileBytes);
  if (!read || read->about.st_uid != geteuid()) return std::nullopt;
  return std::move(*read);
}

bool IsLocked(const LockedFile& file, std::string_view text) {
  if (file.kind == kSecretGnomeKeyring) return IsLockedKeyring(text);
  // The salt goes wherever its wallet goes.
  if (file.kind == kSecretKWallet) {
    return text.starts_with(kWalletMagic) || std::string_view(file.ending) == ".salt";
  }
  return !text.empty();
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// The mount passphrase of a home that is not mounted lies beside the homes; of one that is, the
// same folder is seen through a symbolic link.
std::optional<Folder> EcryptfsFolder(const UserHome& home) {
  Result<Folder> own = Folder::OpenOwnBelow(home.folder, {".ecryptfs"});
  if (own) return std::move(*own);
  Result<Folder> beside =
      Folder::OpenOwnBelow(ParentOf(home.folder), {".ecryptfs", home.account.c_str(), ".ecryptfs"});
  if (beside) return std::move(*beside);
  return std::nullopt;
}

std::vector<LockedFile> FilesOf(const UserHome& home) {
  std::vector<LockedFile> files;
  if (auto keyrings = Folder::OpenOwnBelow(home.folder, {".local", "share", "keyrings"})) {
    files.push_back(
        {kSecretGnomeKeyring, std::move(*keyrings), "login.keyring", "login", ".keyring"});
  }
  for (const auto& [name, ending] :
       {std::pair("kdewallet.kwl", ".kwl"), std::pair("kdewallet.salt", ".salt")}) {
    if (auto wallets = Folder::OpenOwnBelow(home.folder, {".local", "share", "kwalletd"})) {
      files.push_back({kSecretKWallet, std::move(*wallets), name, "kdewallet", ending});
    }
  }
  if (auto folder = EcryptfsFolder(home)) {
    files.push_back({kSecretEcryptfs, std::move(*folder), "wrapped-passphrase", nullptr, ""});
  }
  return files;
}

// "-before-reset-2026-11-28-1f2e3d4c"
std::string Before(const ResetMark& mark) {
  return "-before-reset-" + mark.date + "-" + mark.transaction.substr(0, 8);
}
std::string AsideName(const LockedFile& file, const ResetMark& mark) {
  return file.stem + Before(mark) + file.ending;
}
std::string BackupName(const LockedFile& file, const ResetMark& mark) {
  return std::string(".") + file.name + Before(mark);
}
std::string StagedPrefix(const LockedFile& file, const ResetMark& mark) {
  return std::string(".") + file.name + ".sspr-" + mark.transaction + "-";
}
std::string ContentMark(std::string_view text) {
  return ToHex(Digest(EVP_sha256(), {text}).Reveal().substr(0, 8));
}

bool Exists(const LockedFile& file, const std::string& name) {
  struct stat about {};
  return fstatat(file.folder.fd(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

std::vector<std::string> StagedNames(const LockedFile& file, const ResetMark& mark) {
  std::vector<std::string> names;
  const int fd = openat(file.folder.fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(fdopendir(fd), closedir);
  if (list == nullptr) {
    close(fd);
    return names;
  }
  const std::string prefix = StagedPrefix(file, mark);
  while (const dirent* entry = readdir(list.get())) {
    if (std::string_view(entry->d_name).starts_with(prefix)) names.emplace_back(entry->d_name);
  }
  return names;
}

void DropStaged(const LockedFile& file, const ResetMark& mark) {
  for (const std::string& name : StagedNames(file, mark)) {
    static_cast<void>(file.folder.Remove(name));
  }
}

Result<WipedText> Relock(const LockedFile& file, std::string_view text, const Secret& old_password,
                         const Secret& new_password) {
  return file.kind == kSecretGnomeKeyring ? RelockKeyring(text, old_password, new_password)
                                          : RewrapPassphrase(text, old_password, new_password);
}

Status Open(const LockedFile& file, std::string_view text, const Secret& password) {
  return file.kind == kSecretGnomeKeyring ? OpenKeyring(text, password)
                                          : OpenWrappedPassphrase(text, password);
}

Status Stage(const LockedFile& file, const ResetMark& mark, const Secret& old_password,
             const Secret& new_password) {
  DropStaged(file, mark);
  const auto read = ReadOwn(file);
  if (!read || !IsLocked(file, read->text.View())) return Ok();
  const Result<WipedText> made = Relock(file, read->text.View(), old_password, new_password);
  if (!made && made.error().code == Errc::kDenied) return Ok();  // locked by another password
  if (!made) return made.error();
  // What cannot be opened must never take the place of what can.
  if (Status opens = Open(file, made->View(), new_password); !opens) return opens;
  return file.folder.CreateLike(StagedPrefix(file, mark) + ContentMark(read->text.View()),
                                made->View(), file.name);
}

// The old file keeps a second name, hidden from its program; then the new one takes the first.
bool PutInPlace(const LockedFile& file, const ResetMark& mark, const std::string& staged) {
  const std::string backup = BackupName(file, mark);
  const int fd = file.folder.fd();
  if (linkat(fd, file.name, fd, backup.c_str(), 0) != 0 && errno != EEXIST) return false;
  return file.folder.Rename(staged, file.name).ok();
}

bool PutAside(const LockedFile& file, const ResetMark& mark) {
  const int fd = file.folder.fd();
  const std::string aside = AsideName(file, mark);
  return renameat2(fd, file.name, fd, aside.c_str(), RENAME_NOREPLACE) == 0 && fsync(fd) == 0;
}

void SettleOne(const LockedFile& file, const ResetMark& mark, SettledSecrets& settled) {
  const auto staged = StagedNames(file, mark);
  const auto read = ReadOwn(file);
  const bool is_fresh = staged.size() == 1 && read &&
                        staged[0] == StagedPrefix(file, mark) + ContentMark(read->text.View());
  const auto note = [&file](OldSecrets& set) { set = static_cast<OldSecrets>(set | file.kind); };
  if (is_fresh) {
    note(PutInPlace(file, mark, staged[0]) ? settled.relocked : settled.failed);
    return;
  }
  DropStaged(file, mark);  // the file was changed since, or is gone
  if (Exists(file, BackupName(file, mark))) {
    note(settled.relocked);
  } else if (file.stem != nullptr && Exists(file, AsideName(file, mark))) {
    note(settled.aside);
  } else if (file.stem != nullptr && read && IsLocked(file, read->text.View())) {
    note(PutAside(file, mark) ? settled.aside : settled.failed);
  } else if (!staged.empty()) {
    note(settled.failed);
  }
}

}  // namespace

OldSecrets FindOldSecrets(const UserHome& home) {
  unsigned found = 0;
  for (const LockedFile& file : FilesOf(home)) {
    const auto read = ReadOwn(file);
    const bool salt_alone = file.kind == kSecretKWallet && std::string_view(file.ending) == ".salt";
    if (read && !salt_alone && IsLocked(file, read->text.View())) found |= file.kind;
  }
  if (HasLoginProtector(home.folder, home.uid)) found |= kSecretFscrypt;
  return static_cast<OldSecrets>(found);
}

OldSecrets OpenedBy(const UserHome& home, const Secret& password) {
  unsigned opened = 0;
  for (const LockedFile& file : FilesOf(home)) {
    if (!CanBeRelocked(file)) continue;
    const auto read = ReadOwn(file);
    if (read && Open(file, read->text.View(), password)) opened |= file.kind;
  }
  return static_cast<OldSecrets>(opened);
}

Status StageSecrets(const UserHome& home, const ResetMark& mark, const Secret& old_password,
                    const Secret& new_password) {
  Status all = Ok();
  for (const LockedFile& file : FilesOf(home)) {
    if (!CanBeRelocked(file)) continue;
    if (Status staged = Stage(file, mark, old_password, new_password); !staged) {
      if (all || staged.error().code == Errc::kPolicy) all = staged.error();
    }
  }
  return all;
}

void DropStagedSecrets(const UserHome& home, const ResetMark& mark) {
  for (const LockedFile& file : FilesOf(home)) DropStaged(file, mark);
}

SettledSecrets SettleSecrets(const UserHome& home, const ResetMark& mark) {
  SettledSecrets settled;
  for (const LockedFile& file : FilesOf(home)) SettleOne(file, mark, settled);
  return settled;
}

}  // namespace sspr::setpw
