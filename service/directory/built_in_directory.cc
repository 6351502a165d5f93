// SPDX-License-Identifier: Apache-2.0
#include "service/directory/built_in_directory.h"

#include "service/policy/policy.h"

namespace sspr::service {
namespace {

std::optional<DirectoryUser> ViewOf(const std::optional<UserRecord>& user) {
  if (!user) return std::nullopt;
  return DirectoryUser{.id = user->id,
                       .username = user->username,
                       .display_name = user->display_name,
                       .local_account = user->local_account,
                       .language = user->language,
                       .enabled = user->enabled,
                       .has_password = !user->password_hash.empty(),
                       .password_generation = user->password_generation,
                       .groups = user->groups,
                       .password_changed_at = user->password_changed_at};
}

}  // namespace

std::optional<DirectoryUser> BuiltInDirectory::Find(std::string_view canonical_username) {
  return ViewOf(store_.FindUser(canonical_username));
}

std::optional<DirectoryUser> BuiltInDirectory::Get(std::string_view id) {
  return ViewOf(store_.GetUser(id));
}

Result<bool> BuiltInDirectory::Verify(std::string_view id, const Secret& password) {
  const std::optional<UserRecord> user = store_.GetUser(id);
  return hasher_.Verify(user ? user->password_hash : std::string(), password);
}

Result<Proposal> BuiltInDirectory::Propose(std::string_view id, const Secret& password, int depth) {
  const std::optional<UserRecord> user = store_.GetUser(id);
  std::vector<std::string> known;
  if (user && !user->password_hash.empty()) known.push_back(user->password_hash);
  for (std::string& hash : store_.PasswordHistory(id)) {
    if (depth-- <= 0) break;
    known.push_back(std::move(hash));
  }
  Proposal proposal;
  const Result<std::string> made = hasher_.HashLike(known.empty() ? "" : known.front(), password);
  if (!made.ok()) return made.error();
  for (const std::string& hash : known) {
    Result<bool> same = hasher_.SameHash(hash, *made, password);
    if (!same.ok()) return same.error();
    proposal.is_used = proposal.is_used || *same;
  }
  proposal.prepared = *made;
  return proposal;
}

SetReply BuiltInDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                       const Secret& password, const Proposal& proposal) {
  std::string hash = proposal.prepared;
  if (hash.empty()) {
    Result<std::string> made = hasher_.Hash(password);
    if (!made.ok()) return Settle(transaction_id);
    hash = std::move(*made);
  }
  try {
    const bool changed = store_.ChangePasswordOnce(transaction_id, id, hash, clock_.Now(),
                                                   LoadPolicy(store_).history);
    return changed ? SetOutcome::kSet : Settle(transaction_id);
  } catch (const StoreFailure&) {
    return SetOutcome::kUnknown;  // the commit may have been made all the same
  }
}

SetOutcome BuiltInDirectory::Settle(std::string_view transaction_id) {
  return store_.SettleChange(transaction_id, clock_.Now()) ? SetOutcome::kSet : SetOutcome::kNotSet;
}

}  // namespace sspr::service
