// SPDX-License-Identifier: Apache-2.0
// What an error of the database means: whether to try again, and what may be said about it.
#pragma once

#include <libpq-fe.h>
#include <soci/soci.h>

#include <string>

namespace sspr::service {

enum class FaultKind {
  kCollision,  // with another transaction: nothing was changed, the same may work in a moment
  kOther,
};
FaultKind KindOf(const soci::soci_error& error);

// One line, without any value of the statement.
std::string SentenceOf(const soci::soci_error& error);

// The connection below a session of PostgreSQL.
PGconn* ConnectionOf(soci::session& sql);

}  // namespace sspr::service
