// SPDX-License-Identifier: Apache-2.0
#include "service/directory/active_directory.h"

#include <ldap.h>

#include <algorithm>
#include <array>

#include "common/permit/fixed_bytes.h"
#include "service/directory/active_directory_user.h"
#include "service/directory/utf16_password.h"

namespace sspr::service {
namespace {

using Change = LdapChange::Operation;

constexpr char kUnicodePwd[] = "unicodePwd";
constexpr char kPwdLastSet[] = "pwdLastSet";
constexpr std::string_view kMustChange = "0";
constexpr std::string_view kNow = "-1";
const LdapChange kUnlocked{.operation = Change::kReplace, .attribute = "lockoutTime", .value = "0"};

LdapAnswer NotSent() {
  return {.code = LDAP_UNWILLING_TO_PERFORM,
          .is_answered = true,
          .detail = "set: not sent: empty, no UTF-8, or with a NUL"};
}

// Nobody learns it. It satisfies every rule of complexity.
Secret TemporaryPassword(Random& random) {
  constexpr std::size_t kBytes = 32;
  Secret made;
  std::array<unsigned char, kBytes> bytes{};
  random.Fill(bytes);
  constexpr std::string_view kHex = "0123456789abcdef";
  (void)made.Append("Aa1-");
  for (const unsigned char byte : bytes) {
    (void)made.Append(kHex.substr(byte >> 4U, 1));
    (void)made.Append(kHex.substr(byte & 15U, 1));
  }
  Wipe(bytes.data(), bytes.size());
  return made;
}

}  // namespace

std::vector<std::string> ActiveDirectory::Attributes() const {
  return ActiveDirectoryAttributes(settings_);
}

std::optional<DirectoryUser> ActiveDirectory::Person(const LdapEntry& entry,
                                                     UnixSeconds now) const {
  return ActiveDirectoryPerson(entry, settings_, now);
}

std::optional<std::string> ActiveDirectory::FilterOfId(std::string_view id) const {
  const std::optional<std::string> guid = GuidOfId(id);
  if (!guid) return std::nullopt;
  return "(&(objectClass=user)(objectGUID=" + EscapedForFilter(*guid) + "))";
}

// LDAP_MATCHING_RULE_IN_CHAIN: also through other groups.
std::string ActiveDirectory::FilterOfGroups(std::string_view escaped_dn) const {
  return "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:=" + std::string(escaped_dn) + "))";
}

std::string ActiveDirectory::RulesOf(const LdapEntry& entry) const {
  return entry.First("msds-resultantpso");
}

// pwdLastSet in the same step: without the right "Unexpire Password" the new password would have to
// be changed at once, and nobody would notice here.
LdapAnswer ActiveDirectory::Reset(LdapConnection& connection, const std::string& dn,
                                  const Secret& password, bool hints, bool is_locked) {
  const std::optional<Utf16Password> wanted = Utf16Of(password);
  if (!wanted) return NotSent();
  std::vector<LdapChange> changes = {
      {.operation = Change::kReplace, .attribute = kUnicodePwd, .value = wanted->Reveal()},
      {.operation = Change::kReplace, .attribute = kPwdLastSet, .value = kNow}};
  if (is_locked) changes.push_back(kUnlocked);
  LdapAnswer answer = connection.Modify(dn, changes, hints);
  if (!is_locked || !answer.is_answered || answer.code != LDAP_INSUFFICIENT_ACCESS) return answer;
  // Nothing was changed. The lock may not be ours to take away; the password may.
  changes.pop_back();
  answer = connection.Modify(dn, changes, hints);
  if (answer.ok()) answer.detail = "set, but not unlocked: the right to lockoutTime is missing";
  return answer;
}

// Until the second step is taken pwdLastSet is 0: that is how WasSet tells the two apart. Of an
// account that is locked no password is changed: the lock goes with the first step, behind which
// nobody knows the password.
LdapAnswer ActiveDirectory::ResetByChange(LdapConnection& connection, const std::string& dn,
                                          const Secret& password, bool is_locked, bool& has_begun) {
  const std::optional<Utf16Password> wanted = Utf16Of(password);
  const std::optional<Utf16Password> temporary = Utf16Of(TemporaryPassword(random_));
  if (!wanted || !temporary) return NotSent();
  std::vector<LdapChange> changes = {
      {.operation = Change::kReplace, .attribute = kUnicodePwd, .value = temporary->Reveal()},
      {.operation = Change::kReplace, .attribute = kPwdLastSet, .value = kMustChange}};
  if (is_locked) changes.push_back(kUnlocked);
  const LdapAnswer answer = connection.Modify(dn, changes);
  has_begun = answer.ok();
  if (!has_begun) return answer;
  return connection.Modify(
      dn, {{.operation = Change::kDelete, .attribute = kUnicodePwd, .value = temporary->Reveal()},
           {.operation = Change::kAdd, .attribute = kUnicodePwd, .value = wanted->Reveal()}});
}

LdapSetAnswer ActiveDirectory::SetPassword(LdapConnection& connection, const LdapTarget& target,
                                           const Secret& password, UnixSeconds now) {
  const Result<DomainRules::Facts> facts = rules_.Get(connection, now);
  if (!facts.ok()) {
    return {.answer = {.code = LDAP_OTHER, .is_answered = true, .detail = facts.error().detail}};
  }
  const DomainPasswordPolicy& policy = (*facts)->PolicyFor(target.rules);
  LdapSetAnswer set;
  if (IsTooYoung(policy, target.user.password_changed_at, now)) {
    set.answer = {.code = LDAP_CONSTRAINT_VIOLATION,
                  .is_answered = true,
                  .detail = "the domain's minimum age of a password is not over"};
    set.refusal = RefusalCode::kPasswordTooYoung;
    return set;
  }
  bool needs_change = policy.history > 0 && !(*facts)->knows_hints;
  bool has_begun = false;
  if (!needs_change) {
    set.answer = Reset(connection, target.dn, password, policy.history > 0, target.user.locked);
    // Another controller than the one that was asked: it has done nothing.
    needs_change = set.answer.is_answered && set.answer.code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION;
    if (needs_change) rules_.Forget();
  }
  if (needs_change) {
    set.answer = ResetByChange(connection, target.dn, password, target.user.locked, has_begun);
  }
  if (set.answer.is_answered && !set.answer.ok()) {
    set.refusal = ReasonOf(set.answer, policy, password);
    if (has_begun) set.generation = 0;
  }
  return set;
}

bool ActiveDirectory::WasSet(const PasswordState& before, const PasswordState& now,
                             UnixSeconds) const {
  return !now.changed.empty() && now.changed != before.changed;
}

LdapAnswer ActiveDirectory::Unlock(LdapConnection& connection, const LdapTarget& target) const {
  return connection.Modify(target.dn, {kUnlocked});
}

}  // namespace sspr::service
