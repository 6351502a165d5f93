// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_directory.h"

#include <ldap.h>

#include <algorithm>

#include "service/delivery/notifier_settings.h"
#include "service/directory/person_row.h"
#include "service/directory/settled_claims.h"
#include "service/policy/group_names.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostNames = 4096;
constexpr int kMostGroups = 256;

std::string FilterFor(std::string pattern, std::string_view name) {
  const std::string escaped = EscapedForFilter(name);
  for (std::size_t at = 0; (at = pattern.find("%u", at)) != std::string::npos;) {
    pattern.replace(at, 2, escaped);
    at += escaped.size();
  }
  return pattern;
}

bool SameDn(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return lower(x) == lower(y);
  });
}

SetReply NotSet(std::string detail) {
  SetReply reply = SetOutcome::kNotSet;
  reply.detail = std::move(detail);
  return reply;
}

}  // namespace

LdapDirectory::LdapDirectory(LdapSettings settings, Secret password,
                             std::shared_ptr<SqlDatabase> database, FlowStore& store,
                             const Clock& clock)
    : settings_(std::move(settings)),
      password_(std::move(password)),
      claims_(std::move(database)),
      store_(store),
      clock_(clock),
      dialect_(LdapDialect::Make(settings_)),
      attributes_(dialect_->Attributes()),
      service_pool_(settings_, LdapPool::Binding::kAsTheService, password_, clock_),
      people_pool_(settings_, LdapPool::Binding::kNone, password_, clock_),
      known_(clock_),
      announced_(claims_, clock_, settings_.timeout) {}

Result<std::unique_ptr<LdapDirectory>> LdapDirectory::Make(LdapSettings settings,
                                                           std::shared_ptr<SqlDatabase> database,
                                                           FlowStore& store, const Clock& clock) {
  Result<Secret> password = SecretInFile(settings.bind_password_file, "directory password");
  if (!password.ok()) return password.error();
  return std::unique_ptr<LdapDirectory>(new LdapDirectory(std::move(settings), std::move(*password),
                                                          std::move(database), store, clock));
}

std::optional<LdapDirectory::Known> LdapDirectory::Read(const std::string& filter) {
  // A kept connection may have been closed by the server: a search is simply done again.
  for (int tries = 0;; ++tries) {
    auto lease = service_pool_.Take();
    if (!lease.ok()) throw StoreFailure("directory: " + lease.error().detail);
    dialect_->Prepare(**lease, clock_.Now());
    std::vector<LdapEntry> found;
    const LdapAnswer answer =
        (*lease)->Search(settings_.base, LdapScope::kSubtree, filter, attributes_, 2, found);
    if (!answer.is_answered && answer.code != LDAP_TIMEOUT && tries == 0) continue;
    if (!answer.is_answered) throw StoreFailure("directory: " + answer.detail);
    if (answer.code == LDAP_NO_SUCH_OBJECT) return std::nullopt;
    if (answer.code != LDAP_SUCCESS && answer.code != LDAP_SIZELIMIT_EXCEEDED) {
      throw StoreFailure("directory: " + answer.detail);
    }
    std::optional<Known> known;
    if (answer.ok() && found.size() == 1) {
      if (auto user = dialect_->Person(found.front(), clock_.Now())) {
        known = Known{.user = std::move(*user),
                      .dn = found.front().dn,
                      .modifier = dialect_->ModifierOf(found.front()),
                      .rules = dialect_->RulesOf(found.front()),
                      .read_at = clock_.Monotonic()};
      }
    }
    // Asked for nobody as well, so that it takes as long.
    const std::string dn = known ? known->dn : "cn=nobody," + settings_.base;
    std::vector<std::string> groups;
    if (!settings_.group_base.empty()) groups = GroupsOf(**lease, dn);
    if (known) known->user.groups = std::move(groups);
    return known;
  }
}

std::vector<std::string> LdapDirectory::GroupsOf(LdapConnection& connection,
                                                 const std::string& dn) {
  std::vector<LdapEntry> found;
  const LdapAnswer answer =
      connection.Search(settings_.group_base, dialect_->GroupScope(),
                        dialect_->FilterOfGroups(EscapedForFilter(dn)), {"cn"}, kMostGroups, found);
  if (!answer.ok()) throw StoreFailure("directory: groups: " + answer.detail);
  std::vector<std::string> groups;
  for (const LdapEntry& entry : found) {
    std::string name = entry.First("cn");
    if (IsGroupName(name)) groups.push_back(std::move(name));
  }
  std::ranges::sort(groups);
  return groups;
}

std::optional<DirectoryUser> LdapDirectory::Find(std::string_view canonical_username) {
  const std::optional<std::string> name = CanonicalUserName(canonical_username);
  // The name of nobody is asked for as well, so that it takes as long.
  std::optional<Known> known =
      Read(FilterFor(settings_.user_filter, name ? *name : "nobody is called this"));
  // LDAP's comparison is not ours: what it takes for the same name may be another.
  if (!known || !name || known->user.username != canonical_username) return std::nullopt;
  Remember(*known);
  return std::move(known->user);
}

std::optional<LdapDirectory::Known> LdapDirectory::ReadById(std::string_view id) {
  const std::optional<std::string> filter = dialect_->FilterOfId(id);
  if (!filter) return std::nullopt;
  std::optional<Known> known = Read(*filter);
  if (!known || known->user.id != id) {
    known_.Forget(id);
    return std::nullopt;
  }
  Remember(*known);
  return known;
}

std::optional<DirectoryUser> LdapDirectory::Get(std::string_view id) {
  if (std::optional<Known> known = known_.Find(id)) return std::move(known->user);
  return GetFresh(id);
}

std::optional<DirectoryUser> LdapDirectory::GetFresh(std::string_view id) {
  std::optional<Known> known = ReadById(id);
  return known ? std::optional(std::move(known->user)) : std::nullopt;
}

std::optional<DirectoryUser> LdapDirectory::Lately(std::string_view id) {
  if (std::optional<Known> known = known_.FindAny(id)) return std::move(known->user);
  return Get(id);
}

std::string LdapDirectory::NameOf(std::string_view id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(std::string(id));
    if (found != names_.end()) return found->second;
  }
  const std::optional<DirectoryUser> user = Get(id);
  return user ? user->username : std::string();
}

void LdapDirectory::Remember(const Known& known) {
  known_.Keep(known);
  const std::lock_guard lock(mutex_);
  if (names_.size() >= kMostNames) names_.clear();
  names_.insert_or_assign(known.user.id, known.user.username);
}

// For nobody a bind is made as well, as nobody.
Result<bool> LdapDirectory::Verify(std::string_view id, const Secret& password) {
  std::optional<Known> known = known_.Find(id);
  try {
    if (!known) known = ReadById(id);
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
  const std::string nobody = "cn=nobody," + settings_.base;
  const bool is_sendable =
      !password.empty() && password.Reveal().find('\0') == std::string_view::npos;
  const std::optional<Secret> other = Secret::CopyOf("x");
  for (int tries = 0;; ++tries) {
    auto lease = people_pool_.Take();
    if (!lease.ok()) return lease.error();
    const bool is_real = known && is_sendable;
    const LdapAnswer answer =
        (*lease)->Bind(is_real ? known->dn : nobody, is_sendable ? password : *other);
    if (!answer.is_answered && answer.code != LDAP_TIMEOUT && tries == 0) continue;
    if (!answer.is_answered) return Error{Errc::kTimedOut, "directory: " + answer.detail};
    if (!answer.ok() || !is_real || !dialect_->IsBoundAs(**lease, known->dn)) return false;
    break;
  }
  KeepPersonRow(store_, known->user, clock_.Now());
  return true;
}

Status LdapDirectory::Adopt(std::string_view canonical_username) {
  try {
    const std::optional<DirectoryUser> user = Find(canonical_username);
    if (!user) return Error{Errc::kDenied, "the directory knows nobody of that name"};
    KeepPersonRow(store_, *user, clock_.Now());
    return Ok();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
}

Result<Proposal> LdapDirectory::Propose(std::string_view, const Secret&, int) { return Proposal{}; }

SetReply LdapDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                    const Secret& password, const Proposal&) {
  const std::string transaction(transaction_id);
  const TransactionsUnderWay::Alone alone(under_way_, transaction);
  try {
    const bool is_announced = announced_.Take(transaction);
    if (!is_announced) {
      if (const auto claim = claims_.Find(transaction)) return Settle(*claim);
      const std::optional<DirectoryUser> user = GetFresh(id);
      const bool claimed =
          claims_.Insert({.transaction_id = transaction,
                          .user_id = std::string(id),
                          .state = user ? ClaimState::kClaimed : ClaimState::kNever,
                          .state_before = user ? user->state_before : std::string(),
                          .at = clock_.Now()});
      if (!claimed) return SetOutcome::kUnknown;  // by another process, just now
      if (!user) return SetOutcome::kNotSet;
    }
    return Ask(transaction, id, password, is_announced);
  } catch (const StoreFailure&) {
    return SetOutcome::kUnknown;
  }
}

// The one place that changes a password. is_announced: the step of the store that the caller takes
// next writes down that it is done.
SetReply LdapDirectory::Ask(const std::string& transaction_id, std::string_view id,
                            const Secret& password, bool is_announced) {
  const auto never = [&](std::string detail) {
    claims_.Conclude(transaction_id, ClaimState::kNever);
    return NotSet(std::move(detail));
  };
  std::optional<Known> known = known_.Find(id);
  if (!known) known = ReadById(id);
  if (!known) return never("the entry is gone");
  auto lease = service_pool_.Take();
  if (!lease.ok()) return never(lease.error().detail);
  const LdapSetAnswer set =
      dialect_->SetPassword(**lease, {.dn = known->dn, .user = known->user, .rules = known->rules},
                            password, clock_.Now());
  const LdapAnswer& answer = set.answer;
  known_.Outdate(id);
  if (!answer.is_answered) return SetOutcome::kUnknown;
  if (answer.ok()) {
    if (!is_announced) claims_.Conclude(transaction_id, ClaimState::kDone);
    SetReply done = SetOutcome::kSet;
    done.detail = answer.detail;
    return done;
  }
  if (!set.refusal) return never(answer.detail);
  claims_.Remove(transaction_id);
  SetReply refused(*set.refusal, answer.detail);
  refused.generation = set.generation;
  return refused;
}

SetOutcome LdapDirectory::Settle(std::string_view transaction_id) {
  const std::string id(transaction_id);
  const TransactionsUnderWay::Alone alone(under_way_, id);
  if (const auto claim = claims_.Find(id)) return Settle(*claim);
  return VoidClaim(claims_, id, clock_.Now()) ? SetOutcome::kNotSet : SetOutcome::kUnknown;
}

// The entry says when its password was changed, and by whom it was touched last. A password that
// somebody set over it in the meantime is not ours: "not set" is then the truth.
SetOutcome LdapDirectory::Settle(const DirectoryClaim& claim) {
  return SettleClaim(claims_, claim, clock_, settings_.timeout, [&] {
    const std::optional<Known> known = ReadById(claim.user_id);
    if (!known || !(known->modifier.empty() || SameDn(known->modifier, settings_.bind_dn))) {
      return false;
    }
    return dialect_->WasSet(StateOf(claim.state_before), StateOf(known->user.state_before),
                            claim.at);
  });
}

Status LdapDirectory::Unlock(std::string_view id) {
  try {
    const std::optional<Known> known = ReadById(id);
    if (!known) return Error{Errc::kDenied, "the entry is gone"};
    if (!known->user.locked) return Ok();
    auto lease = service_pool_.Take();
    if (!lease.ok()) return lease.error();
    const LdapAnswer answer =
        dialect_->Unlock(**lease, {.dn = known->dn, .user = known->user, .rules = known->rules});
    known_.Forget(id);
    if (answer.ok()) return Ok();
    return Error{answer.is_answered ? Errc::kDenied : Errc::kTimedOut, answer.detail};
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
}

}  // namespace sspr::service
