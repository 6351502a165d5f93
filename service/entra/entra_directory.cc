// SPDX-License-Identifier: Apache-2.0
#include "service/entra/entra_directory.h"

#include <algorithm>
#include <iterator>

#include "service/directory/person_row.h"
#include "service/directory/settled_claims.h"
#include "service/policy/user_name.h"
#include "service/store/risk_table.h"

namespace sspr::service {
namespace {

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kBadRequest = 400;
constexpr int kServerFaults = 500;
constexpr char kPermissionToSet[] =
    "give the app User-PasswordProfile.ReadWrite.All and consent; nobody resets administrators";
constexpr char kNoPremises[] =
    "the person is in Entra ID from a directory on the premises, where the password is: name that "
    "directory in section [on_premises]";
constexpr char kNotOnPremises[] =
    "the person is in Entra ID from a directory on the premises that is not the one in section "
    "[on_premises]";

SetReply NotSet(std::string detail) {
  SetReply reply = SetOutcome::kNotSet;
  reply.detail = std::move(detail);
  return reply;
}

}  // namespace

EntraDirectory::EntraDirectory(const GraphSettings& graph, EntraSettings settings, EntraParts parts,
                               std::unique_ptr<GraphPool> pool, std::unique_ptr<Directory> premises)
    : base_url_(graph.base_url),
      settings_(std::move(settings)),
      parts_(std::move(parts)),
      claims_(parts_.database),
      pool_(std::move(pool)),
      people_(*pool_, base_url_, settings_),
      premises_(std::move(premises)),
      known_(parts_.clock),
      announced_(claims_, parts_.clock, settings_.timeout) {}

Result<std::unique_ptr<EntraDirectory>> EntraDirectory::Make(const GraphSettings& graph,
                                                             EntraSettings settings,
                                                             EntraParts parts,
                                                             std::unique_ptr<Directory> premises) {
  auto pool = GraphPool::Make(graph, settings.connections, settings.timeout, parts.clock);
  if (!pool.ok()) return pool.error();
  return std::unique_ptr<EntraDirectory>(new EntraDirectory(
      graph, std::move(settings), std::move(parts), std::move(*pool), std::move(premises)));
}

std::optional<EntraDirectory::Known> EntraDirectory::Complete(std::optional<EntraUser> found) {
  if (!found) return std::nullopt;
  Known known{.user = std::move(found->user),
              .is_synchronized = found->is_synchronized,
              .premises_id = {},
              .read_at = parts_.clock.Monotonic()};
  if (known.is_synchronized) JoinPremises(known, found->premises_id);
  known_.Keep(known);
  return known;
}

std::optional<EntraDirectory::Known> EntraDirectory::ReadById(std::string_view id) {
  return Complete(people_.ById(id));
}

// What is there of the password is of the premises: when it was changed, and whether it is locked.
void EntraDirectory::JoinPremises(Known& known, const std::string& premises_id) {
  std::optional<DirectoryUser> there;
  if (premises_ && !premises_id.empty()) there = premises_->GetFresh(premises_id);
  if (!there) {
    parts_.log("Entra ID: user " + known.user.id + ": " +
               (premises_ ? kNotOnPremises : kNoPremises));
    known.user.enabled = false;
    return;
  }
  known.premises_id = premises_id;
  known.user.enabled = known.user.enabled && there->enabled;
  known.user.has_password = there->has_password;
  known.user.password_generation = there->password_generation;
  known.user.password_changed_at = there->password_changed_at;
  known.user.locked = there->locked;
  known.user.state_before = there->state_before;
  if (known.user.local_account.empty()) known.user.local_account = there->local_account;
  if (known.user.language.empty()) known.user.language = there->language;
  std::vector<std::string>& names = known.user.groups;
  std::ranges::copy(there->groups, std::back_inserter(names));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

std::optional<DirectoryUser> EntraDirectory::Find(std::string_view canonical_username) {
  const std::optional<std::string> name = CanonicalUserName(canonical_username);
  std::optional<Known> known = Complete(people_.ByName(name ? *name : "nobody"));
  if (!known || !name || known->user.username != canonical_username) return std::nullopt;
  return std::move(known->user);
}

std::optional<DirectoryUser> EntraDirectory::Get(std::string_view id) {
  std::optional<Known> known = RememberedOrRead(id);
  return known ? std::optional(std::move(known->user)) : std::nullopt;
}

std::optional<DirectoryUser> EntraDirectory::GetFresh(std::string_view id) {
  std::optional<Known> known = ReadById(id);
  return known ? std::optional(std::move(known->user)) : std::nullopt;
}

std::optional<DirectoryUser> EntraDirectory::Lately(std::string_view id) {
  if (std::optional<Known> known = known_.FindAny(id)) return std::move(known->user);
  return Get(id);
}

std::string EntraDirectory::NameOf(std::string_view id) {
  if (std::optional<Known> known = known_.FindAny(id)) return std::move(known->user.username);
  const std::optional<UserRecord> row = parts_.store.GetUser(std::string(id));
  return row ? row->username : std::string();
}

std::optional<EntraDirectory::Known> EntraDirectory::RememberedOrRead(std::string_view id) {
  if (std::optional<Known> known = known_.Find(id)) return known;
  return ReadById(id);
}

Result<bool> EntraDirectory::Verify(std::string_view id, const Secret& password) {
  try {
    const std::optional<Known> known = RememberedOrRead(id);
    if (!premises_) return false;
    if (known && !known->is_synchronized) {
      parts_.log("Entra ID: the password of user " + known->user.id +
                 " is in the cloud alone and cannot be compared");
    }
    // Of nobody as well, so that it takes as long.
    const Result<bool> right = premises_->Verify(known ? known->premises_id : "", password);
    if (!right.ok() || !*right || !known || known->premises_id.empty()) {
      return right.ok() ? Result<bool>(false) : right;
    }
    KeepRow(known->user);
    return true;
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
}

void EntraDirectory::KeepRow(const DirectoryUser& user) {
  KeepPersonRow(parts_.store, user, parts_.clock.Now());
  if (parts_.risks.ExternalIdOf(user.id) == user.id) return;
  if (!parts_.risks.PutExternalId(user.id, user.id)) {
    parts_.log("Entra ID: another user has the external id " + user.id);
  }
}

Status EntraDirectory::Adopt(std::string_view canonical_username) {
  try {
    const std::optional<DirectoryUser> user = Find(canonical_username);
    if (!user) return Error{Errc::kDenied, "the directory knows nobody of that name"};
    const std::optional<Known> known = RememberedOrRead(user->id);
    if (known && known->is_synchronized && known->premises_id.empty()) {
      return Error{Errc::kPolicy, premises_ ? kNotOnPremises : kNoPremises};
    }
    KeepRow(*user);
    return Ok();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
}

Status EntraDirectory::Unlock(std::string_view id) {
  try {
    const std::optional<Known> known = RememberedOrRead(id);
    if (!known) return Error{Errc::kDenied, "the user is gone"};
    if (!known->premises_id.empty()) {
      Status unlocked = premises_->Unlock(known->premises_id);
      known_.Outdate(id);
      return unlocked;
    }
    return Error{Errc::kPolicy, "Entra ID shows no lock and ends none: a reset does"};
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
}

void EntraDirectory::Announce(std::string_view transaction_id, const DirectoryUser& user) {
  const std::optional<Known> known = RememberedOrRead(user.id);
  if (known && !known->premises_id.empty()) {
    DirectoryUser there = user;
    there.id = known->premises_id;
    premises_->Announce(transaction_id, there);
    return;
  }
  announced_.Announce(transaction_id, user);
}

SetReply EntraDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                     const Secret& password, const Proposal&) {
  const std::string transaction(transaction_id);
  const TransactionsUnderWay::Alone alone(under_way_, transaction);
  try {
    const bool is_announced = announced_.Take(transaction);
    const auto claim = is_announced ? std::nullopt : claims_.Find(transaction);
    const bool is_of_premises = claim && !claim->user_id.empty() && !IsEntraId(claim->user_id);
    if (claim && !is_of_premises) return Settle(*claim);
    const std::optional<Known> known = RememberedOrRead(id);
    if (known && known->is_synchronized) {
      if (known->premises_id.empty()) return NotSet(premises_ ? kNotOnPremises : kNoPremises);
      SetReply reply = premises_->SetPassword(transaction, known->premises_id, password);
      known_.Outdate(id);
      return reply;
    }
    if (is_of_premises) return SetOutcome::kUnknown;  // moved to the cloud in the meantime
    return SetHere(transaction, id, password, is_announced);
  } catch (const StoreFailure& failure) {
    parts_.log(failure.what());
    return SetOutcome::kUnknown;
  }
}

SetReply EntraDirectory::SetHere(const std::string& transaction_id, std::string_view id,
                                 const Secret& password, bool is_announced) {
  if (!is_announced) {
    const std::optional<DirectoryUser> user = GetFresh(id);
    const bool claimed = claims_.Insert({.transaction_id = transaction_id,
                                         .user_id = user ? user->id : std::string(),
                                         .state = user ? ClaimState::kClaimed : ClaimState::kNever,
                                         .state_before = user ? user->state_before : std::string(),
                                         .at = parts_.clock.Now()});
    if (!claimed) return SetOutcome::kUnknown;  // by another process, just now
    if (!user) return SetOutcome::kNotSet;
  }
  return Ask(transaction_id, id, password, is_announced);
}

// The one place that changes a password. is_announced: the step of the store that the caller takes
// next writes down that it is done.
SetReply EntraDirectory::Ask(const std::string& transaction_id, std::string_view id,
                             const Secret& password, bool is_announced) {
  SecretBody json;
  if (!WritePasswordProfile(password, json)) {
    claims_.Remove(transaction_id);
    return {RefusalCode::kPasswordInvalid, "not sent: empty, no UTF-8, or with control characters"};
  }
  const Result<GraphPool::Answer> answer =
      pool_->Ask(HttpRequest::Method::kPatch, PathToSet(id), &json);
  known_.Outdate(id);
  if (!answer.ok()) {
    parts_.log("Entra ID: " + answer.error().detail);
    return SetOutcome::kUnknown;
  }
  const HttpResponse& http = answer->http;
  if (http.status == kNoContent || http.status == kOk) {
    if (!is_announced) claims_.Conclude(transaction_id, ClaimState::kDone);
    return SetOutcome::kSet;
  }
  const std::string detail = "Entra ID: " + ExplainGraph(http, kPermissionToSet).detail;
  if (http.status >= kServerFaults || answer->was_in_doubt) {
    parts_.log(detail);
    return SetOutcome::kUnknown;
  }
  const auto reason =
      http.status == kBadRequest ? ReasonOfGraph(http.body, password) : std::nullopt;
  if (reason) {
    claims_.Remove(transaction_id);
    return {*reason, detail};
  }
  claims_.Conclude(transaction_id, ClaimState::kNever);
  return NotSet(detail);
}

std::optional<SetReply> EntraDirectory::Answered(std::string_view transaction_id) {
  return premises_ ? premises_->Answered(transaction_id) : std::nullopt;
}

SetOutcome EntraDirectory::Settle(std::string_view transaction_id) {
  const std::string id(transaction_id);
  const TransactionsUnderWay::Alone alone(under_way_, id);
  const auto claim = claims_.Find(id);
  if (claim && IsEntraId(claim->user_id)) return Settle(*claim);
  // It is of the premises, or of nobody yet: who settles it here voids it in both places.
  const SetOutcome there = premises_ ? premises_->Settle(id) : SetOutcome::kNotSet;
  if (claim || there != SetOutcome::kNotSet) return there;
  if (VoidClaim(claims_, id, parts_.clock.Now())) return SetOutcome::kNotSet;
  const auto now = claims_.Find(id);
  return now && now->state == ClaimState::kNever ? SetOutcome::kNotSet : SetOutcome::kUnknown;
}

// The user says when the password was changed. Who else sets one within those seconds is not told
// apart.
SetOutcome EntraDirectory::Settle(const DirectoryClaim& claim) {
  return SettleClaim(claims_, claim, parts_.clock, settings_.timeout, [&] {
    const std::optional<Known> known = ReadById(claim.user_id);
    return known && known->user.state_before != claim.state_before;
  });
}

}  // namespace sspr::service
