// SPDX-License-Identifier: Apache-2.0
#include "service/followers/followed_directory.h"

#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

constexpr std::chrono::minutes kLongestHeld{10};
constexpr std::size_t kMostHeld = 256;  // each is a password

// The one copy that is kept here and by the followers; wiped when nobody waits for it any more.
std::shared_ptr<const Secret> Kept(const Secret& password) {
  return std::make_shared<const Secret>(*Secret::CopyOf(password.Reveal()));
}

}  // namespace

SetReply FollowedDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                        const Secret& password, const Proposal& proposal) {
  SetReply reply = source_->SetPassword(transaction_id, id, password, proposal);
  switch (reply.outcome) {
    case SetOutcome::kSet:
      Follow(transaction_id, id, Kept(password));
      break;
    case SetOutcome::kUnknown:
      Hold(transaction_id, id, Kept(password));
      break;
    case SetOutcome::kNotSet:
      break;
  }
  return reply;
}

std::optional<SetReply> FollowedDirectory::Answered(std::string_view transaction_id) {
  std::optional<SetReply> said = source_->Answered(transaction_id);
  if (said) Release(transaction_id, said->outcome);
  return said;
}

SetOutcome FollowedDirectory::Settle(std::string_view transaction_id) {
  const SetOutcome outcome = source_->Settle(transaction_id);
  Release(transaction_id, outcome);
  return outcome;
}

void FollowedDirectory::Hold(std::string_view transaction_id, std::string_view id,
                             std::shared_ptr<const Secret> password) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.Monotonic();
  std::erase_if(held_, [now](const auto& one) { return now - one.second.since > kLongestHeld; });
  if (held_.size() >= kMostHeld) return;
  held_.insert_or_assign(
      std::string(transaction_id),
      Held{.user_id = std::string(id), .password = std::move(password), .since = now});
}

void FollowedDirectory::Release(std::string_view transaction_id, SetOutcome outcome) {
  if (outcome == SetOutcome::kUnknown) return;
  std::optional<Held> held;
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(transaction_id);
    if (found == held_.end()) return;
    held = std::move(found->second);
    held_.erase(found);
  }
  if (outcome == SetOutcome::kSet) Follow(transaction_id, held->user_id, held->password);
}

void FollowedDirectory::Follow(std::string_view transaction_id, std::string_view id,
                               const std::shared_ptr<const Secret>& password) {
  DirectoryUser user;
  user.id = id;
  try {
    if (auto found = source_->Lately(id)) user = std::move(*found);
  } catch (const StoreFailure&) {
    user.username.clear();  // the entry of the followers says so
  }
  followers_->Follow(transaction_id, user, password);
}

}  // namespace sspr::service
