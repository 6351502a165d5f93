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

Result<bool> BuiltInDirectory::WasUsed(std::string_view id, const Secret& password, int depth) {
  for (const std::string& hash : store_.PasswordHistory(id)) {
    if (depth-- <= 0) break;
    Result<bool> same = hasher_.Verify(hash, password);
    if (!same.ok() || *same) return same;
  }
  return false;
}

SetOutcome BuiltInDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                         const Secret& password) {
  const Result<std::string> hash = hasher_.Hash(password);
  if (!hash.ok()) return Settle(transaction_id);
  try {
    const bool changed = store_.ChangePasswordOnce(transaction_id, id, *hash, clock_.Now(),
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
