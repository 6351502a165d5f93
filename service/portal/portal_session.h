// SPDX-License-Identifier: Apache-2.0
// The session of a person who has signed in at the portal.
#pragma once

#include "service/directory/directory.h"
#include "service/pages/sessions.h"

namespace sspr::service {

inline constexpr char kPortalCookie[] = "sspr-portal";
inline constexpr char kPortalClient[] = "sspr-portal";

// Methods are changed only so long after the person proved who they are.
inline constexpr int kFreshSeconds = 15 * 60;

// All outlive it. Ends with the password and with the account.
Sessions MakePortalSessions(SessionTable& table, const ServiceKeys& keys, Random& random,
                            const Clock& clock, Directory& directory);

}  // namespace sspr::service
