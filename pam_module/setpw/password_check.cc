// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/password_check.h"

#include <chrono>
#include <vector>

#include "common/base/text.h"
#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/child_work.h"
#include "pam_module/setpw/crypt_hash.h"
#include "pam_module/setpw/folder_files.h"
#include "pam_module/setpw/password_quality.h"

namespace sspr::setpw {
namespace {

constexpr std::chrono::seconds kChildLimit{30};
constexpr std::size_t kMaxHistoryBytes = 4 * 1024 * 1024;
constexpr char kAccepted = 'A';
constexpr char kRefused = 'R';

std::optional<Rejection> CheckHistory(const Secret& password, const LocalAccount& account,
                                      const MachinePolicy& policy) {
  const Rejection used{RejectionReason::kUsedBefore, ""};
  if (MatchesHash(password, account.hash.Reveal())) return used;
  if (policy.remember == 0) return std::nullopt;
  const Result<Folder> folder = Folder::Open(policy.history_folder);
  if (!folder && folder.error().code == Errc::kUnreachable) return std::nullopt;
  if (!folder) return Rejection{RejectionReason::kInternal, folder.error().detail};
  const Result<FileText> file = folder->Read(policy.history_file, kMaxHistoryBytes);
  if (!file && file.error().code == Errc::kUnreachable) return std::nullopt;
  if (!file) return Rejection{RejectionReason::kInternal, file.error().detail};
  for (const std::string_view line : LinesOf(file->text.View(), account.name)) {
    const auto fields = SplitFields(line, ':');
    if (fields.size() < 4) continue;
    const auto hashes = SplitFields(fields[3], ',');
    const std::size_t count = std::min(hashes.size(), policy.remember);
    for (std::size_t i = hashes.size() - count; i < hashes.size(); ++i) {
      if (!hashes[i].empty() && MatchesHash(password, hashes[i])) return used;
    }
  }
  return std::nullopt;
}

CheckedPassword CheckNow(const Secret& password, const LocalAccount& account,
                         const MachinePolicy& policy) {
  if (auto rejected = CheckPasswordText(password)) return *rejected;
  if (policy.hash.reads_bytes != 0 && password.size() > policy.hash.reads_bytes) {
    return Rejection{RejectionReason::kTooLong, ""};
  }
  if (CountCodePoints(password.Reveal()) < policy.min_length) {
    return Rejection{
        RejectionReason::kTooWeak,
        "The password is shorter than " + std::to_string(policy.min_length) + " characters"};
  }
  if (policy.check_quality) {
    if (auto rejected = CheckPasswordQuality(password, account.name, policy)) return *rejected;
  }
  if (auto rejected = CheckHistory(password, account, policy)) return *rejected;
  Result<CryptHash> hash = HashPassword(password, policy.hash);
  if (!hash) return Rejection{RejectionReason::kInternal, hash.error().detail};
  return std::move(*hash);
}

// kAccepted and the hash, or kRefused, the reason and its detail.
ChildAnswer Encode(const CheckedPassword& checked) {
  ChildAnswer answer;
  bool whole = false;
  if (const auto* hash = std::get_if<CryptHash>(&checked)) {
    whole = answer.Append({&kAccepted, 1}) && answer.Append(hash->Reveal());
  } else if (const auto* rejected = std::get_if<Rejection>(&checked)) {
    const char head[] = {kRefused, static_cast<char>(rejected->reason)};
    char shown[kMaxTextBytes];
    const std::size_t size = FilterForDisplay(rejected->detail, Lines::kOne, shown);
    whole = answer.Append({head, sizeof head}) && answer.Append({shown, size});
  }
  if (!whole) answer.Clear();
  return answer;
}

CheckedPassword Decode(const ChildAnswer& answer) {
  std::string_view text = answer.Reveal();
  const char kind = text[0];
  text.remove_prefix(1);
  if (kind == kAccepted) {
    auto hash = CryptHash::CopyOf(text);
    if (hash && !hash->empty()) return std::move(*hash);
  } else if (!text.empty()) {
    return Rejection{static_cast<RejectionReason>(text[0]), std::string(text.substr(1))};
  }
  return Rejection{RejectionReason::kInternal, "the child process answered nonsense"};
}

}  // namespace

CheckedPassword CheckAndHash(const Secret& password, const LocalAccount& account,
                             const MachinePolicy& policy) {
  const Result<ChildAnswer> answer =
      RunInChild([&] { return Encode(CheckNow(password, account, policy)); }, kChildLimit);
  if (!answer) return Rejection{RejectionReason::kInternal, answer.error().detail};
  return Decode(*answer);
}

}  // namespace sspr::setpw
