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
constexpr char kEverything[] = "(objectClass=*)";

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

Result<ActiveDirectory::Root> ActiveDirectory::ReadRoot(LdapConnection& connection) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer = connection.Search(
      "", LdapScope::kEntry, kEverything, {"defaultNamingContext", "supportedControl"}, 1, found);
  if (!answer.ok()) return Error{Errc::kInternal, answer.detail};
  if (found.empty()) return Error{Errc::kInternal, "the server says nothing of itself"};
  Root root{.domain = found.front().First("defaultnamingcontext")};
  for (const auto& [name, values] : found.front().attributes) {
    if (name == "supportedcontrol") {
      root.knows_hints = std::ranges::find(values, kPolicyHints) != values.end();
    }
  }
  return root;
}

DomainPasswordPolicy ActiveDirectory::PolicyOf(LdapConnection& connection, const Root& root,
                                               const std::string& dn) {
  const auto entry_of = [&](const std::string& where, const std::vector<std::string>& attributes) {
    std::vector<LdapEntry> found;
    const LdapAnswer answer =
        connection.Search(where, LdapScope::kEntry, kEverything, attributes, 1, found);
    return answer.ok() && !found.empty() ? std::optional(std::move(found.front())) : std::nullopt;
  };
  if (const auto person = entry_of(dn, {"msDS-ResultantPSO"})) {
    const std::string object = person->First("msds-resultantpso");
    const auto of_object =
        object.empty()
            ? std::nullopt
            : entry_of(object, {"msDS-MinimumPasswordLength", "msDS-MinimumPasswordAge",
                                "msDS-PasswordComplexityEnabled", "msDS-PasswordHistoryLength"});
    if (of_object && !of_object->First("msds-minimumpasswordlength").empty()) {
      return DomainPasswordPolicyOf(*of_object);
    }
  }
  const auto of_domain =
      entry_of(root.domain, {"minPwdLength", "minPwdAge", "pwdProperties", "pwdHistoryLength"});
  return of_domain ? DomainPasswordPolicyOf(*of_domain) : DomainPasswordPolicy{};
}

// pwdLastSet in the same step: without the right "Unexpire Password" the new password would have to
// be changed at once, and nobody would notice here.
LdapAnswer ActiveDirectory::Reset(LdapConnection& connection, const std::string& dn,
                                  const Secret& password, bool hints) {
  const std::optional<Utf16Password> wanted = Utf16Of(password);
  if (!wanted) return NotSent();
  return connection.Modify(
      dn,
      {{.operation = Change::kReplace, .attribute = kUnicodePwd, .value = wanted->Reveal()},
       {.operation = Change::kReplace, .attribute = kPwdLastSet, .value = kNow}},
      hints);
}

// Until the second step is taken pwdLastSet is 0: that is how WasSet tells the two apart.
LdapAnswer ActiveDirectory::ResetByChange(LdapConnection& connection, const std::string& dn,
                                          const Secret& password, bool is_locked, bool& has_begun) {
  const std::optional<Utf16Password> wanted = Utf16Of(password);
  const std::optional<Utf16Password> temporary = Utf16Of(TemporaryPassword(random_));
  if (!wanted || !temporary) return NotSent();
  LdapAnswer answer = connection.Modify(
      dn, {{.operation = Change::kReplace, .attribute = kUnicodePwd, .value = temporary->Reveal()},
           {.operation = Change::kReplace, .attribute = kPwdLastSet, .value = kMustChange}});
  has_begun = answer.ok();
  if (!has_begun) return answer;
  // Of an account that is locked no password is changed. Nobody knows the one that it has now.
  if (is_locked) {
    answer = Unlock(connection, dn);
    if (!answer.ok()) return answer;
  }
  return connection.Modify(
      dn, {{.operation = Change::kDelete, .attribute = kUnicodePwd, .value = temporary->Reveal()},
           {.operation = Change::kAdd, .attribute = kUnicodePwd, .value = wanted->Reveal()}});
}

LdapSetAnswer ActiveDirectory::SetPassword(LdapConnection& connection, const std::string& dn,
                                           const DirectoryUser& user, const Secret& password,
                                           UnixSeconds now) {
  const Result<Root> root = ReadRoot(connection);
  if (!root.ok()) {
    return {.answer = {.code = LDAP_OTHER, .is_answered = true, .detail = root.error().detail}};
  }
  const DomainPasswordPolicy policy = PolicyOf(connection, *root, dn);
  LdapSetAnswer set;
  if (IsTooYoung(policy, user.password_changed_at, now)) {
    set.answer = {.code = LDAP_CONSTRAINT_VIOLATION,
                  .is_answered = true,
                  .detail = "the domain's minimum age of a password is not over"};
    set.refusal = RefusalCode::kPasswordTooYoung;
    return set;
  }
  const bool needs_change = policy.history > 0 && !root->knows_hints;
  bool has_begun = false;
  set.answer = needs_change ? ResetByChange(connection, dn, password, user.locked, has_begun)
                            : Reset(connection, dn, password, policy.history > 0);
  if (set.answer.is_answered && !set.answer.ok()) {
    set.refusal = ReasonOf(set.answer, policy, password);
    if (has_begun) set.generation = 0;
  }
  if (set.answer.ok() && user.locked && !needs_change) {
    const LdapAnswer unlocked = Unlock(connection, dn);
    if (!unlocked.ok()) set.answer.detail = "set, but not unlocked: " + unlocked.detail;
  }
  return set;
}

bool ActiveDirectory::WasSet(const PasswordState& before, const PasswordState& now,
                             UnixSeconds) const {
  return !now.changed.empty() && now.changed != before.changed;
}

LdapAnswer ActiveDirectory::Unlock(LdapConnection& connection, const std::string& dn) const {
  return connection.Modify(
      dn, {{.operation = Change::kReplace, .attribute = "lockoutTime", .value = "0"}});
}

}  // namespace sspr::service
