// SPDX-License-Identifier: Apache-2.0
// Opening the database, its transactions, and its schema.
#include "service/store/sql_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "service/crypto/digest.h"
#include "service/store/migrations.h"
#include "service/store/sql_access.h"
#include "service/store/sql_fault.h"

namespace sspr::service {
namespace {

constexpr int kMostTries = 6;
constexpr std::chrono::milliseconds kFirstPause{4};
// Of the lock that a Write without keys takes for itself, and all others share.
constexpr char kWholeDatabase[] = "";

// PostgreSQL's advisory locks are numbers. Two names with one number would only wait for nothing.
long long LockNumber(const std::string& name) {
  const std::string digest = Sha256("sspr:" + name);
  unsigned long long number = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(digest[i]);
  }
  return static_cast<long long>(number);
}

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

// The statement without comments, whose apostrophes SOCI would take for quotes. Text is compared
// byte by byte, as SQLite does, whatever the language of the server.
std::string InDialect(Dialect dialect, std::string_view statement) {
  constexpr std::string_view kText = " TEXT";
  std::string plain;
  while (!statement.empty()) {
    const std::size_t end = std::min(statement.find('\n'), statement.size() - 1) + 1;
    if (!statement.starts_with("--")) plain += statement.substr(0, end);
    statement.remove_prefix(end);
  }
  if (dialect == Dialect::kSqlite) return plain;
  for (std::size_t at = 0; (at = plain.find(kText, at)) != std::string::npos;) {
    at += kText.size();
    const char next = at < plain.size() ? plain[at] : ' ';
    if (next == ' ' || next == ',' || next == '\n' || next == ')')
      plain.insert(at, " COLLATE \"C\"");
  }
  return plain;
}

long long SchemaVersion(soci::session& sql) {
  sql << "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
  long long version = 0;
  sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
  return version;
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

WriteTransaction::WriteTransaction(soci::session& sql, Dialect dialect, const std::string& begin,
                                   bool& committing)
    : sql_(sql), dialect_(dialect), committing_(committing) {
  try {
    sql_ << begin;
  } catch (...) {
    over_ = dialect_ == Dialect::kSqlite;  // there none was begun
    if (!over_ && PQstatus(ConnectionOf(sql_)) == CONNECTION_OK) {
      PQclear(PQexec(ConnectionOf(sql_), "ROLLBACK"));
    }
    throw;
  }
}

WriteTransaction::~WriteTransaction() {
  if (over_) return;
  try {
    if (dialect_ == Dialect::kSqlite) {
      sql_ << "ROLLBACK";
    } else if (PQstatus(ConnectionOf(sql_)) == CONNECTION_OK) {
      // What was prepared in a transaction that failed could not be forgotten there.
      sql_ << "ROLLBACK";
      sql_ << "DEALLOCATE ALL";
    }
  } catch (const std::exception&) {
    // SQLite has rolled back on its own (a full disk); the error that led here says more.
  }
}

void WriteTransaction::Commit() {
  // PostgreSQL takes the COMMIT of a transaction in which a statement failed for a ROLLBACK, and
  // calls it a success.
  if (dialect_ == Dialect::kPostgresql &&
      PQtransactionStatus(ConnectionOf(sql_)) != PQTRANS_INTRANS) {
    throw StoreFailure("a transaction failed before its commit");
  }
  committing_ = true;
  sql_ << "COMMIT";
  over_ = true;
}

thread_local SqlDatabase::Join SqlDatabase::joined_;

std::string SqlDatabase::BeginText(const LockKeys* keys) const {
  return dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN" + LockText(keys);
}

std::string SqlDatabase::LockText(const LockKeys* keys) const {
  if (dialect() == Dialect::kSqlite) return {};
  static const std::string whole = std::to_string(LockNumber(kWholeDatabase));
  if (keys == nullptr) return "; SELECT pg_advisory_xact_lock(" + whole + ")";
  std::vector<long long> numbers;
  for (const std::string& key : *keys) numbers.push_back(LockNumber(key));
  // In one order for all, so that no two wait for each other.
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string text = "; SELECT pg_advisory_xact_lock_shared(" + whole + ")";
  for (const long long number : numbers) {
    text += "; SELECT pg_advisory_xact_lock(" + std::to_string(number) + ")";
  }
  return text;
}

void SqlDatabase::TakeLocks(soci::session& sql, const LockKeys* keys) const {
  if (dialect() == Dialect::kSqlite) return;
  sql << LockText(keys).substr(2);
}

std::unique_lock<std::timed_mutex> SqlDatabase::TakeTurn(Turn kind) {
  if (dialect() != Dialect::kSqlite || kind == Turn::kNone) return {};
  if (kind == Turn::kIfFree) return {turn_, std::try_to_lock};
  std::unique_lock turn(turn_, pool_->options().patience);
  if (!turn.owns_lock()) throw StoreFailure(pool_->shown() + ": is busy for too long");
  return turn;
}

void SqlDatabase::JudgeFault(const soci::soci_error& error, SessionPool::Lease& lease,
                             bool committing, int tries) {
  const std::string sentence = pool_->shown() + ": " + SentenceOf(error);
  const bool lost = lease.IsLost();
  if (lost && committing) {
    throw StoreFailure(sentence + " (whether the change was made is not known)");
  }
  if (!lost && KindOf(error) == FaultKind::kOther) throw StoreFailure(sentence);
  // SQLite has waited for its patience already.
  const int most = dialect() == Dialect::kSqlite ? 2 : kMostTries;
  if (tries >= most) throw StoreFailure(sentence);
  if (!lost) std::this_thread::sleep_for(kFirstPause * (1 << tries));
}

Status SqlDatabase::Migrate() {
  return Write([this](soci::session& sql) -> Status {
    const auto known = static_cast<long long>(Migrations().size());
    const long long before = SchemaVersion(sql);
    long long version = before;
    if (version > known) {
      return Error{Errc::kInternal, pool_->shown() + ": its schema is version " +
                                        std::to_string(version) + ", this program knows up to " +
                                        std::to_string(known) + "; install the newer program"};
    }
    for (; version < known; ++version) {
      for (const std::string& statement :
           Statements(Migrations()[static_cast<std::size_t>(version)])) {
        sql << InDialect(dialect(), statement);
      }
      const long long reached = version + 1;
      sql << "INSERT INTO schema_version (version) VALUES (:version)",
          soci::use(reached, "version");
    }
    if (before > 0 && before < known) FillMemberships(sql);
    return Ok();
  });
}

Result<std::unique_ptr<SqlDatabase>> SqlDatabase::Open(const std::string& target,
                                                       unsigned connections,
                                                       DatabaseOptions options) {
  if (DialectOf(target) == Dialect::kSqlite) {
    if (Status made = MakeFile(target); !made.ok()) return made.error();
  }
  Result<std::unique_ptr<SessionPool>> pool =
      SessionPool::Make(target, connections, std::move(options));
  if (!pool.ok()) return Error{Errc::kInternal, pool.error().detail};
  std::unique_ptr<SqlDatabase> database(new SqlDatabase(std::move(*pool)));
  try {
    if (Status ready = database->Migrate(); !ready.ok()) return ready.error();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
  return database;
}

}  // namespace sspr::service
