// SPDX-License-Identifier: Apache-2.0
#include "service/directory/announced_transactions.h"

#include "service/store/flow_store.h"

namespace sspr::service {

void AnnouncedTransactions::Announce(std::string_view transaction_id, const DirectoryUser& user) {
  const std::string id(transaction_id);
  const bool is_new = claims_.Insert({.transaction_id = id,
                                      .user_id = user.id,
                                      .state = ClaimState::kClaimed,
                                      .state_before = user.state_before,
                                      .at = clock_.Now()});
  if (!is_new) throw StoreFailure("a transaction was claimed before");
  const std::lock_guard lock(mutex_);
  announced_.insert_or_assign(id, clock_.Monotonic());
}

bool AnnouncedTransactions::Take(const std::string& transaction_id) {
  const std::lock_guard lock(mutex_);
  const auto found = announced_.find(transaction_id);
  if (found == announced_.end()) return false;
  const bool is_fresh = clock_.Monotonic() - found->second <= patience_;
  announced_.erase(found);
  return is_fresh;
}

}  // namespace sspr::service
