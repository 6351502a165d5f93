// SPDX-License-Identifier: Apache-2.0
// Copies of an SQLite database while services write to it, and the way back. PostgreSQL has tools
// of its own for both; what a restored database must forget is the same (restored_state.h).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace sspr::service {

// How much is done, in per cent; called now and then.
using Progress = std::function<void(int percent)>;

// One file, mode 0600, of one moment, looked through before it gets its name. Writers are not held
// up. kDenied when there is a file of that name, kInternal when it cannot be read or written.
Status BackUpSqlite(const std::string& database, const std::string& copy, const Progress& progress);

struct RestoreReport {
  std::string aside;  // where the database is that was replaced; empty: there was none
  std::vector<std::string> lost_codes;  // names of users whose recovery codes or pass were voided
};

// Puts the copy in the place of the database, which is kept beside it. The copy is looked through
// first, and brought to the newest schema. kDenied when a service has the database open; nothing is
// changed then, and neither with kInternal.
Result<RestoreReport> RestoreSqlite(const std::string& copy, const std::string& database,
                                    UnixSeconds now, const Progress& progress);

}  // namespace sspr::service
