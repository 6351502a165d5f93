// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/eligibility.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/permit/permit.h"
#include "pam_module/setpw/account_lines.h"

namespace sspr::setpw {
namespace {

using Fields = std::vector<std::string_view>;

constexpr std::size_t kPasswdFields = 7;
constexpr std::size_t kShadowFields = 9;
constexpr std::size_t kShortestHash = 13;  // traditional DES
constexpr uid_t kNobody = 65534;
constexpr uid_t kFirstReservedUid = 61184;  // systemd's dynamic users and up to nobody
constexpr uid_t kLastReservedUid = 65519;

Refusal NotPermitted(std::string why) { return {RefusalReason::kNotPermitted, std::move(why)}; }

char Lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool SameButCase(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

// Names that differ only in case, and uids that two names share, have no owner we could know.
std::optional<Refusal> AmbiguityIn(std::string_view passwd, std::string_view name, uid_t uid) {
  for (const std::string_view line : SplitLines(passwd)) {
    const Fields fields = SplitFields(line, ':');
    if (fields.size() < 4 || fields[0] == name) continue;
    if (SameButCase(fields[0], name)) return NotPermitted("a name differs in case only");
    if (ParseNumber(fields[2]) == uid) return NotPermitted("the uid belongs to two names");
  }
  return std::nullopt;
}

std::optional<Refusal> RefuseUid(uid_t uid, const AccountLimits& limits) {
  if (uid == 0) return NotPermitted("uid 0");
  if (uid == kNobody || (uid >= kFirstReservedUid && uid <= kLastReservedUid)) {
    return NotPermitted("a reserved uid");
  }
  if (uid < limits.min_uid || uid > limits.max_uid) return NotPermitted("uid out of range");
  return std::nullopt;
}

std::optional<Refusal> RefuseShell(std::string_view shell) {
  const std::string_view program = shell.substr(shell.rfind('/') + 1);
  if (program == "nologin" || program == "false") return NotPermitted("the shell is no shell");
  return std::nullopt;
}

std::optional<Refusal> RefuseGroups(std::string_view group, const AccountLimits& limits,
                                    std::string_view name, std::string_view primary_gid) {
  for (const std::string_view line : SplitLines(group)) {
    const Fields fields = SplitFields(line, ':');
    if (fields.size() < 4) continue;
    const auto& denied = limits.deny_groups;
    if (std::find(denied.begin(), denied.end(), fields[0]) == denied.end()) continue;
    const Fields members = SplitFields(fields[3], ',');
    if (fields[2] == primary_gid ||
        std::find(members.begin(), members.end(), name) != members.end()) {
      return NotPermitted("a member of a denied group");
    }
  }
  return std::nullopt;
}

// shadow(5): an empty field and a negative number switch the limit off.
struct Day {
  bool readable = true;
  std::optional<std::int64_t> value;
};

Day ParseDay(std::string_view field) {
  if (field.empty() || field == "-1") return {};
  const auto number = ParseNumber(field);
  if (!number) return {false, std::nullopt};
  return {true, *number};
}

std::optional<Refusal> RefuseDates(const Fields& shadow, std::int64_t today) {
  const Day changed = ParseDay(shadow[2]);
  const Day maximum = ParseDay(shadow[4]);
  const Day inactive = ParseDay(shadow[6]);
  const Day expires = ParseDay(shadow[7]);
  if (!changed.readable || !maximum.readable || !inactive.readable || !expires.readable) {
    return NotPermitted("a date of the shadow line cannot be read");
  }
  if (expires.value && today >= *expires.value) return NotPermitted("the account has expired");
  // An account that fell inactive was closed by policy; a new password would open it again.
  if (changed.value && *changed.value > 0 && maximum.value && inactive.value &&
      today > *changed.value + *maximum.value + *inactive.value) {
    return NotPermitted("the account is inactive");
  }
  return std::nullopt;
}

}  // namespace

bool IsUsableHash(std::string_view hash) noexcept {
  return hash.size() >= kShortestHash && hash.size() <= CryptHash::kMaxSize &&
         std::all_of(hash.begin(), hash.end(), [](char c) {
           return c > ' ' && c < 0x7F && c != ':' && c != '!' && c != '*' && c != ';' && c != '\\';
         });
}

std::optional<Refusal> WhyNotOfDirectory(const AccountTexts& texts, const AccountLimits& limits,
                                         std::string_view name) {
  if (!IsCarriableUserName(name)) return NotPermitted("the name cannot be carried");
  if (name.size() > kMaxPermitAccountBytes || name[0] == '+') {
    return NotPermitted("the name fits no permit");
  }
  if (SameButCase(name, "root") || SameButCase(name, "nobody")) {
    return NotPermitted("a name of the system");
  }
  for (const std::string_view line : SplitLines(texts.passwd)) {
    if (SameButCase(line.substr(0, line.find(':')), name)) {
      return NotPermitted("a name of this machine, or one that differs in case only");
    }
  }
  constexpr std::string_view kUnknownGid = {};
  return RefuseGroups(texts.group, limits, name, kUnknownGid);
}

Lookup FindAccount(const AccountTexts& texts, const AccountLimits& limits, std::string_view name,
                   std::int64_t today) {
  if (!IsCarriableUserName(name)) return NotPermitted("the name cannot be carried");
  const Fields passwd_lines = LinesOf(texts.passwd, name);
  if (passwd_lines.empty()) return Refusal{RefusalReason::kNotLocal, "not in passwd"};
  if (passwd_lines.size() > 1) return NotPermitted("the name stands twice in passwd");
  if (name.size() > kMaxPermitAccountBytes || name[0] == '+') {
    return NotPermitted("the name fits no permit");
  }
  const Fields passwd = SplitFields(passwd_lines[0], ':');
  if (passwd.size() != kPasswdFields) return NotPermitted("the passwd line is malformed");
  const auto uid = ParseNumber(passwd[2]);
  if (!uid) return NotPermitted("the uid cannot be read");
  if (name == "root" || name == "nobody") return NotPermitted("a name of the system");
  if (const auto refused = RefuseUid(*uid, limits)) return *refused;
  if (const auto refused = AmbiguityIn(texts.passwd, name, *uid)) return *refused;
  if (passwd[1] != "x") return NotPermitted("the password is not in shadow");
  if (const auto refused = RefuseShell(passwd[6])) return *refused;
  if (const auto refused = RefuseGroups(texts.group, limits, name, passwd[3])) return *refused;

  const Fields shadow_lines = LinesOf(texts.shadow, name);
  if (shadow_lines.size() != 1) return NotPermitted("not exactly one shadow line");
  const Fields shadow = SplitFields(shadow_lines[0], ':');
  if (shadow.size() != kShadowFields) return NotPermitted("the shadow line is malformed");
  if (!IsUsableHash(shadow[1])) return NotPermitted("locked, or without a password");
  if (const auto refused = RefuseDates(shadow, today)) return *refused;
  auto hash = CryptHash::CopyOf(shadow[1]);
  if (!hash) return NotPermitted("the hash is too long");
  return LocalAccount{std::string(name), *uid, std::move(*hash)};
}

}  // namespace sspr::setpw
