// SPDX-License-Identifier: Apache-2.0
// What became of a claim whose asker died before it could write the answer down. The same for every
// directory that says of a user when the password was set; how it says so is the directory's own.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "service/directory/directory.h"
#include "service/store/directory_claims.h"

namespace sspr::service {

// Nothing may be set for this transaction any more. False when it was claimed before.
bool VoidClaim(DirectoryClaims& claims, const std::string& transaction_id, UnixSeconds now);

// timeout: of one operation of the directory; a claim that is younger than a few of them may be
// under way. was_set: whether the directory holds a password that was set for this claim, by what
// it says now; it may throw StoreFailure, then nothing is known yet and nothing is lost. A claim of
// the same user that came later is taken to have set what there is.
SetOutcome SettleClaim(DirectoryClaims& claims, const DirectoryClaim& claim, const Clock& clock,
                       std::chrono::milliseconds timeout, const std::function<bool()>& was_set);

}  // namespace sspr::service
