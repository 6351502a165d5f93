// SPDX-License-Identifier: Apache-2.0
// For --check-config: whether the directory can be used with these settings.
#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/directory/ldap_settings.h"

namespace sspr::service {

// Connects, binds as the service's own account and searches once. kPolicy, in a sentence,
// otherwise.
Status TryDirectory(const LdapSettings& settings, const Clock& clock);

}  // namespace sspr::service
