// SPDX-License-Identifier: Apache-2.0
// Opening the database, and its schema.
#include "service/store/sql_database.h"

#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "service/store/migrations.h"
#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

// Statements of a migration: each ends with a semicolon at the end of a line.
std::vector<std::string> Statements(std::string_view text) {
  std::vector<std::string> statements;
  while (true) {
    const std::size_t end = text.find(";\n");
    if (end == std::string_view::npos) return statements;
    statements.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 2);
  }
}

void PrepareSession(soci::session& sql) {
  std::string mode;
  sql << "PRAGMA journal_mode=WAL", soci::into(mode);
  sql << "PRAGMA synchronous=FULL";
  sql << "PRAGMA foreign_keys=ON";
  sql << "PRAGMA secure_delete=ON";
}

long long SchemaVersion(soci::session& sql) {
  sql << "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
  long long version = 0;
  sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
  return version;
}

Status Migrate(soci::session& sql, const std::string& path) {
  WriteTransaction transaction(sql);
  const auto known = static_cast<long long>(Migrations().size());
  long long version = SchemaVersion(sql);
  if (version > known) {
    return Error{Errc::kInternal, path + ": its schema is version " + std::to_string(version) +
                                      ", this program knows up to " + std::to_string(known) +
                                      "; install the newer program"};
  }
  for (; version < known; ++version) {
    for (const std::string& statement :
         Statements(Migrations()[static_cast<std::size_t>(version)])) {
      sql << statement;
    }
    const long long reached = version + 1;
    sql << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(reached, "version");
  }
  transaction.Commit();
  return Ok();
}

// SQLite gives its side files the mode of the database. A database that is there is not touched: to
// close any descriptor of it would drop the locks of a store that this process has open already,
// and the next program that closes the database would then take the log away from under it.
Status MakeFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
    return Ok();
  }
  struct stat status {};
  if (errno != EEXIST || lstat(path.c_str(), &status) != 0) {
    return Error{Errc::kInternal, path + ": " + std::strerror(errno)};
  }
  if (!S_ISREG(status.st_mode)) return Error{Errc::kInternal, path + ": is not a regular file"};
  return Ok();
}

}  // namespace

Result<std::unique_ptr<SqlDatabase>> SqlDatabase::Open(const std::string& path,
                                                       unsigned connections) {
  if (path.find('"') != std::string::npos) {
    return Error{Errc::kInternal, path + ": a database path must not hold a quote"};
  }
  if (Status made = MakeFile(path); !made.ok()) return made.error();
  const unsigned count = connections == 0 ? 1 : connections;
  std::unique_ptr<SqlDatabase> database(new SqlDatabase(count));
  try {
    for (unsigned i = 0; i < count; ++i) {
      soci::session& sql = database->pool_.at(i);
      sql.open(soci::sqlite3, "dbname=\"" + path + "\" timeout=10");
      PrepareSession(sql);
    }
    if (Status ready = Migrate(database->pool_.at(0), path); !ready.ok()) return ready.error();
  } catch (const soci::soci_error& error) {
    return Error{Errc::kInternal, path + ": " + error.get_error_message()};
  }
  return database;
}

}  // namespace sspr::service
