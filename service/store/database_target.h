// SPDX-License-Identifier: Apache-2.0
// Which database the configuration means: the path of an SQLite file, or a PostgreSQL server as
// libpq names one, postgresql://HOST/NAME or "host=… dbname=…".
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr::service {

enum class Dialect { kSqlite, kPostgresql };

Dialect DialectOf(std::string_view target);

// Where to connect and what to add. A password is never part of it: it comes from password_file,
// read anew for each connection.
struct PostgresqlTarget {
  std::string connection;  // keys and values of libpq
  std::string shown;       // for messages: "DATABASE at HOST"
};

// kPolicy with a sentence when libpq does not understand it, or it holds a password. What the
// target leaves open is filled in: a server on another machine must show a certificate that fits
// its name (sslmode=verify-full), and an answer is waited for no longer than a request could.
Result<PostgresqlTarget> ReadPostgresqlTarget(const std::string& target);

}  // namespace sspr::service
