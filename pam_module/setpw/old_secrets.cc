// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/old_secrets.h"

#include <chrono>
#include <cstdio>
#include <set>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/event_log.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/user_child.h"

namespace sspr::setpw {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMostPasswd = 32 * 1024 * 1024;
constexpr seconds kLookLimit{5};
constexpr seconds kWorkLimit{15};  // key derivations, on a slow disk
constexpr char kDone = 'd';
constexpr char kTooLong = 'l';
constexpr char kFailed = 'f';

ChildAnswer AnswerOf(std::initializer_list<unsigned> bytes) {
  ChildAnswer answer;
  for (const unsigned byte : bytes) {
    const char one = static_cast<char>(byte);
    if (!answer.Append({&one, 1})) answer.Clear();
  }
  return answer;
}

OldSecrets SetFrom(char byte) { return static_cast<OldSecrets>(byte); }

void LogFailure(const std::string& account, const Error& error) {
  LogEvent(Event::kOldSecretsFailed, account + ": " + error.detail);
}

std::string DayOf(UnixSeconds at) {
  const std::chrono::year_month_day day{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(seconds(at)))};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

ResetMark MarkOf(const JournalEntry& entry) {
  return {ToHex(View(entry.transaction)), DayOf(entry.created_at)};
}

}  // namespace

struct SecretKeeper::Owner {
  UserHome home;
  gid_t gid = 0;
};

std::optional<SecretKeeper::Owner> SecretKeeper::OwnerOf(const std::string& account,
                                                         uid_t uid) const {
  const Result<Folder> etc = Folder::Open(etc_);
  if (!etc) return std::nullopt;
  const Result<FileText> passwd = etc->Read("passwd", kMostPasswd);
  if (!passwd) return std::nullopt;
  const auto lines = LinesOf(passwd->text.View(), account);
  if (lines.size() != 1) return std::nullopt;
  const auto fields = SplitFields(lines[0], ':');
  if (fields.size() != 7 || ParseNumber(fields[2]) != uid) return std::nullopt;
  const auto gid = ParseNumber(fields[3]);
  std::string home(fields[5]);
  while (home.size() > 1 && home.ends_with('/')) home.pop_back();
  if (!gid || *gid == 0 || home.size() < 2 || home[0] != '/') return std::nullopt;
  return Owner{{account, std::move(home), uid}, *gid};
}

std::vector<std::string> SecretKeeper::HomeFolders(uid_t min_uid, uid_t max_uid) const {
  std::set<std::string> folders;
  const Result<Folder> etc = Folder::Open(etc_);
  if (!etc) return {};
  const Result<FileText> passwd = etc->Read("passwd", kMostPasswd);
  if (!passwd) return {};
  for (const std::string_view line : SplitLines(passwd->text.View())) {
    const auto fields = SplitFields(line, ':');
    if (fields.size() != 7) continue;
    const auto uid = ParseNumber(fields[2]);
    if (!uid || *uid < min_uid || *uid > max_uid) continue;
    std::string home(fields[5]);
    while (home.size() > 1 && home.ends_with('/')) home.pop_back();
    const std::size_t slash = home.find_last_of('/');
    if (home.starts_with('/') && slash > 0) folders.insert(home.substr(0, slash));
  }
  return {folders.begin(), folders.end()};
}

OldSecrets SecretKeeper::Find(const std::string& account, uid_t uid) const {
  const auto owner = OwnerOf(account, uid);
  if (!owner) return kNoSecrets;
  const auto found = RunAsUser(
      uid, owner->gid,
      [&] {
        return AnswerOf({FindOldSecrets(owner->home), kDone});
      },
      kLookLimit);
  if (found && found->size() == 2) return SetFrom(found->Reveal()[0]);
  if (!found) LogFailure(account, found.error());
  return kNoSecrets;
}

OldSecrets SecretKeeper::OpenedBy(const std::string& account, uid_t uid,
                                  const Secret& password) const {
  const auto owner = OwnerOf(account, uid);
  if (!owner) return kNoSecrets;
  const auto opened = RunAsUser(
      uid, owner->gid,
      [&] {
        return AnswerOf({setpw::OpenedBy(owner->home, password), kDone});
      },
      kWorkLimit);
  if (opened && opened->size() == 2) return SetFrom(opened->Reveal()[0]);
  if (!opened) LogFailure(account, opened.error());
  return kNoSecrets;
}

Status SecretKeeper::Stage(const JournalEntry& entry, const Secret& old_password,
                           const Secret& new_password) const {
  const auto owner = OwnerOf(entry.account, entry.uid);
  if (!owner) return Ok();
  const auto staged = RunAsUser(
      entry.uid, owner->gid,
      [&] {
        const Status made = StageSecrets(owner->home, MarkOf(entry), old_password, new_password);
        if (made) return AnswerOf({kDone});
        return AnswerOf({made.error().code == Errc::kPolicy ? static_cast<unsigned>(kTooLong)
                                                            : static_cast<unsigned>(kFailed)});
      },
      kWorkLimit);
  if (staged && staged->Reveal() == std::string_view(&kDone, 1)) return Ok();
  if (staged && staged->Reveal() == std::string_view(&kTooLong, 1)) {
    return {Errc::kPolicy, "too long for eCryptfs"};
  }
  const Error error{Errc::kInternal,
                    staged ? "a file could not be made anew" : staged.error().detail};
  LogFailure(entry.account, error);
  return error;
}

void SecretKeeper::Drop(const JournalEntry& entry) const {
  const auto owner = OwnerOf(entry.account, entry.uid);
  if (!owner) return;
  const auto dropped = RunAsUser(
      entry.uid, owner->gid,
      [&] {
        DropStagedSecrets(owner->home, MarkOf(entry));
        return AnswerOf({kDone});
      },
      kLookLimit);
  if (!dropped) LogFailure(entry.account, dropped.error());
}

SettledSecrets SecretKeeper::Settle(const JournalEntry& entry) const {
  const auto owner = OwnerOf(entry.account, entry.uid);
  if (!owner) return {};
  const auto answer = RunAsUser(
      entry.uid, owner->gid,
      [&] {
        const SettledSecrets done = SettleSecrets(owner->home, MarkOf(entry));
        return AnswerOf({done.relocked, done.aside, done.failed});
      },
      kWorkLimit);
  if (!answer || answer->size() != 3) {
    LogFailure(entry.account, answer ? Error{Errc::kInternal, "no answer"} : answer.error());
    return {};
  }
  const std::string_view bytes = answer->Reveal();
  const SettledSecrets settled{SetFrom(bytes[0]), SetFrom(bytes[1]), SetFrom(bytes[2])};
  if (settled.failed != kNoSecrets) {
    LogFailure(entry.account, {Errc::kInternal, "a file could not be put in its place or aside"});
  }
  if (settled.relocked != kNoSecrets)
    LogEvent(Event::kOldSecretsSettled, entry.account + ": made anew");
  if (settled.aside != kNoSecrets)
    LogEvent(Event::kOldSecretsSettled, entry.account + ": put aside");
  return settled;
}

}  // namespace sspr::setpw
