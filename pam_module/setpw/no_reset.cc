// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/no_reset.h"

namespace sspr::setpw {

std::variant<ReadyToReset, RefusalReason> NoReset::Prepare(std::string_view account, bool) {
  if (accounts_ == nullptr) return RefusalReason::kInternal;
  const Lookup found = accounts_->Look(account);
  const auto* refusal = std::get_if<Refusal>(&found);
  return refusal != nullptr ? refusal->reason : RefusalReason::kInternal;
}

}  // namespace sspr::setpw
