// SPDX-License-Identifier: Apache-2.0
#include "service/store/directory_claims.h"

#include "service/store/sql_access.h"

namespace sspr::service {

bool DirectoryClaims::Insert(const DirectoryClaim& claim) {
  return database_->Write([&](soci::session& sql) {
    constexpr long long kKeptSeconds = 48LL * 3600;
    const long long forgotten = claim.at - kKeptSeconds;
    sql << "DELETE FROM directory_claims WHERE at < :t", soci::use(forgotten, "t");
    const auto state = static_cast<long long>(claim.state);
    const long long at = claim.at;
    soci::statement insert =
        (sql.prepare << "INSERT INTO directory_claims (transaction_id, user_id, state, "
                        "state_before, at) VALUES (:id, :user, :state, :before, :at) ON CONFLICT "
                        "(transaction_id) DO NOTHING",
         soci::use(claim.transaction_id, "id"), soci::use(claim.user_id, "user"),
         soci::use(state, "state"), soci::use(claim.state_before, "before"), soci::use(at, "at"));
    return Execute(insert) == 1;
  });
}

std::optional<DirectoryClaim> DirectoryClaims::Find(std::string_view transaction_id) {
  return database_->Read([&](soci::session& sql) -> std::optional<DirectoryClaim> {
    DirectoryClaim claim;
    claim.transaction_id = std::string(transaction_id);
    long long state = 0;
    long long at = 0;
    sql << "SELECT user_id, state, state_before, at FROM directory_claims WHERE transaction_id = "
           ":id",
        soci::into(claim.user_id), soci::into(state), soci::into(claim.state_before),
        soci::into(at), soci::use(claim.transaction_id, "id");
    if (!sql.got_data()) return std::nullopt;
    claim.state = static_cast<ClaimState>(state);
    claim.at = at;
    return claim;
  });
}

bool DirectoryClaims::HasLater(const DirectoryClaim& claim) {
  return database_->Read([&](soci::session& sql) {
    const auto never = static_cast<long long>(ClaimState::kNever);
    const long long at = claim.at;
    long long count = 0;
    sql << "SELECT COUNT(*) FROM directory_claims WHERE user_id = :user AND at >= :at AND "
           "transaction_id <> :id AND state <> :never",
        soci::into(count), soci::use(claim.user_id, "user"), soci::use(at, "at"),
        soci::use(claim.transaction_id, "id"), soci::use(never, "never");
    return count > 0;
  });
}

bool DirectoryClaims::Conclude(std::string_view transaction_id, ClaimState state) {
  return database_->Write([&](soci::session& sql) {
    const std::string id(transaction_id);
    const auto to = static_cast<long long>(state);
    const auto from = static_cast<long long>(ClaimState::kClaimed);
    soci::statement update = (sql.prepare << "UPDATE directory_claims SET state = :to WHERE "
                                             "transaction_id = :id AND state = :from",
                              soci::use(to, "to"), soci::use(id, "id"), soci::use(from, "from"));
    return Execute(update) == 1;
  });
}

void DirectoryClaims::Remove(std::string_view transaction_id) {
  database_->Write([&](soci::session& sql) {
    const std::string id(transaction_id);
    sql << "DELETE FROM directory_claims WHERE transaction_id = :id", soci::use(id, "id");
  });
}

}  // namespace sspr::service
