// SPDX-License-Identifier: Apache-2.0
// Refresh tokens with rotation (RFC 9700, 4.14.2): each works once and gives way to the next; one
// that is used twice was stolen, and ends its whole family. A new password ends them all.
#pragma once

#include <string_view>

#include "service/engine/engine_parts.h"

namespace sspr::service {

Reply<std::string> IssueRefreshToken(EngineParts& parts, const Caller& caller, const SignedIn& who,
                                     std::string_view scope);

// Refusals: kWrongPassword (V1's invalid_grant): unknown, used, too old, of another client, or of a
// user who has another password now, is disabled, or must reset first.
Reply<Refreshed> RedeemRefreshToken(EngineParts& parts, const Caller& caller, const Secret& token);

}  // namespace sspr::service
