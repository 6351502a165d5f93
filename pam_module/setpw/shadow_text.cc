// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/shadow_text.h"

#include <algorithm>
#include <string>

#include "common/base/text.h"
#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/eligibility.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kShadowFields = 9;
constexpr std::size_t kRoomForGrowth = 1024;  // a hash, a day, or a history line's beginning

}  // namespace

Result<WipedText> ShadowWithNewHash(std::string_view shadow, std::string_view account,
                                    std::string_view hash, std::int64_t day) {
  if (!IsCarriableUserName(account) || !IsUsableHash(hash) || day < 1) {
    return {Errc::kInternal, "name, hash or day cannot stand in shadow"};
  }
  if (shadow.find('\0') != std::string_view::npos) return {Errc::kInternal, "shadow holds a NUL"};
  const auto lines = LinesOf(shadow, account);
  if (lines.size() != 1) return {Errc::kInternal, "not exactly one shadow line"};
  const auto fields = SplitFields(lines[0], ':');
  if (fields.size() != kShadowFields) return {Errc::kInternal, "the shadow line is malformed"};
  const auto before = ParseNumber(fields[2]);
  const std::int64_t new_day = std::max<std::int64_t>(day, before ? *before : 0);

  const auto at = [&shadow](std::string_view view) {
    return static_cast<std::size_t>(view.data() - shadow.data());
  };
  WipedText made(shadow.size() + kRoomForGrowth);
  made.Append(shadow.substr(0, at(fields[1])));
  made.Append(hash);
  made.Append(":");
  made.Append(std::to_string(new_day));
  made.Append(shadow.substr(at(fields[2]) + fields[2].size()));
  return made;
}

std::string_view HashIn(std::string_view shadow, std::string_view account) {
  const auto lines = LinesOf(shadow, account);
  if (lines.size() != 1) return {};
  const auto fields = SplitFields(lines[0], ':');
  return fields.size() == kShadowFields ? fields[1] : std::string_view{};
}

WipedText HistoryWithHash(std::string_view opasswd, std::string_view account, std::uint32_t uid,
                          std::string_view hash, std::size_t remember) {
  // The newest is kept even where the machine remembers none.
  remember = std::max<std::size_t>(remember, 1);
  std::vector<std::string_view> hashes;
  WipedText made(opasswd.size() + kRoomForGrowth);
  for (const std::string_view line : SplitLines(opasswd)) {
    const auto fields = SplitFields(line, ':');
    if (fields[0] != account) {
      made.Append(line);
      made.Append("\n");
    } else if (fields.size() >= 4) {
      for (const std::string_view old : SplitFields(fields[3], ',')) {
        if (!old.empty()) hashes.push_back(old);
      }
    }
  }
  if (!hashes.empty() && hashes.back() == hash) {
    WipedText same(opasswd.size());
    same.Append(opasswd);
    return same;
  }
  hashes.push_back(hash);
  if (hashes.size() > remember) {
    hashes.erase(hashes.begin(), hashes.end() - static_cast<std::ptrdiff_t>(remember));
  }
  made.Append(std::string(account) + ":" + std::to_string(uid) + ":" +
              std::to_string(hashes.size()) + ":");
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (i > 0) made.Append(",");
    made.Append(hashes[i]);
  }
  made.Append("\n");
  return made;
}

}  // namespace sspr::setpw
