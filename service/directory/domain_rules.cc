// SPDX-License-Identifier: Apache-2.0
#include "service/directory/domain_rules.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr UnixSeconds kFreshSeconds = 60;
// Longer than anybody takes from the first question to the new password.
constexpr UnixSeconds kUsableSeconds = 3600;
constexpr char kAnything[] = "(objectClass=*)";
constexpr int kMostObjects = 1000;

bool IsWithin(UnixSeconds at, UnixSeconds now, UnixSeconds most) {
  return at != 0 && now >= at && now - at < most;
}

Result<LdapEntry> EntryAt(LdapConnection& connection, const std::string& dn,
                          const std::vector<std::string>& attributes) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer =
      connection.Search(dn, LdapScope::kEntry, kAnything, attributes, 1, found);
  if (!answer.ok()) return Error{Errc::kInternal, answer.detail};
  if (found.empty()) return Error{Errc::kInternal, "the server says nothing of itself"};
  return std::move(found.front());
}

// The objects may be read by few: without them the domain's own rules explain a refusal.
void ReadObjects(LdapConnection& connection, DomainFacts& facts) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer =
      connection.Search("CN=Password Settings Container,CN=System," + facts.domain,
                        LdapScope::kChildren, "(objectClass=msDS-PasswordSettings)",
                        {"msDS-MinimumPasswordLength", "msDS-MinimumPasswordAge",
                         "msDS-PasswordComplexityEnabled", "msDS-PasswordHistoryLength"},
                        kMostObjects, found);
  if (!answer.ok()) return;
  for (const LdapEntry& entry : found) {
    if (entry.First("msds-minimumpasswordlength").empty()) continue;
    facts.objects.emplace(LowerCase(entry.dn), DomainPasswordPolicyOf(entry));
  }
}

Result<DomainRules::Facts> ReadFacts(LdapConnection& connection, UnixSeconds now) {
  const Result<LdapEntry> root =
      EntryAt(connection, "", {"defaultNamingContext", "supportedControl"});
  if (!root.ok()) return root.error();
  DomainFacts facts{.domain = root->First("defaultnamingcontext"), .read_at = now};
  for (const auto& [name, values] : root->attributes) {
    if (name == "supportedcontrol") {
      facts.knows_hints = std::ranges::find(values, kPolicyHints) != values.end();
    }
  }
  const Result<LdapEntry> domain = EntryAt(
      connection, facts.domain, {"minPwdLength", "minPwdAge", "pwdProperties", "pwdHistoryLength"});
  if (!domain.ok()) return domain.error();
  facts.policy = DomainPasswordPolicyOf(*domain);
  ReadObjects(connection, facts);
  return std::make_shared<const DomainFacts>(std::move(facts));
}

}  // namespace

const DomainPasswordPolicy& DomainFacts::PolicyFor(std::string_view object) const {
  const auto found = objects.find(LowerCase(object));
  return object.empty() || found == objects.end() ? policy : found->second;
}

void DomainRules::Refresh(LdapConnection& connection, UnixSeconds now) {
  {
    const std::lock_guard lock(mutex_);
    if (IsWithin(tried_at_, now, kFreshSeconds)) return;
    tried_at_ = now;
  }
  Result<Facts> read = ReadFacts(connection, now);
  if (!read.ok()) return;
  const std::lock_guard lock(mutex_);
  facts_ = std::move(*read);
}

Result<DomainRules::Facts> DomainRules::Get(LdapConnection& connection, UnixSeconds now) {
  {
    const std::lock_guard lock(mutex_);
    if (facts_ && IsWithin(facts_->read_at, now, kUsableSeconds)) return facts_;
  }
  Result<Facts> read = ReadFacts(connection, now);
  if (!read.ok()) return read.error();
  const std::lock_guard lock(mutex_);
  facts_ = *read;
  tried_at_ = now;
  return std::move(*read);
}

void DomainRules::Forget() {
  const std::lock_guard lock(mutex_);
  facts_ = nullptr;
  tried_at_ = 0;
}

}  // namespace sspr::service
