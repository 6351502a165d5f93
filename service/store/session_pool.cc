// SPDX-License-Identifier: Apache-2.0
#include "service/store/session_pool.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "common/base/secret.h"
#include "service/store/flow_store.h"
#include "service/store/sql_fault.h"
#include "service/store/sqlite_factory.h"

namespace sspr::service {
namespace {

// While the database is away, requests fail at once but for one in this time, which tries.
constexpr std::chrono::milliseconds kBetweenTries{250};
constexpr std::chrono::milliseconds kBetweenSwitches{5};

// The first line of the file.
Secret PasswordIn(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) throw StoreFailure(path + ": the database's password cannot be read");
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  Secret password;
  for (int c = std::fgetc(file.get()); c != EOF && c != '\n'; c = std::fgetc(file.get())) {
    const char byte = static_cast<char>(c);
    if (!password.Append({&byte, 1})) throw StoreFailure(path + ": the line is too long");
  }
  if (password.Reveal().empty()) throw StoreFailure(path + ": its first line is empty");
  return password;
}

// Adds the password at the last moment, so that neither SOCI nor we keep it. libpq does.
class PostgresqlFactory : public soci::backend_factory {
 public:
  explicit PostgresqlFactory(std::string password_file)
      : password_file_(std::move(password_file)) {}

  soci::details::session_backend* make_session(
      const soci::connection_parameters& parameters) const override {
    const soci::backend_factory& plain = *soci::factory_postgresql();
    if (password_file_.empty()) return plain.make_session(parameters);
    std::string text = WithPassword(parameters.get_connect_string());
    const Wiped wiped(text);
    soci::connection_parameters whole(plain, text);
    std::unique_ptr<soci::postgresql_session_backend> made(
        static_cast<soci::postgresql_session_backend*>(plain.make_session(whole)));
    made->connectionParameters_ = parameters;  // its copy would stay
    return made.release();
  }

 private:
  struct Wiped {
    explicit Wiped(std::string& wiped_text) : text(wiped_text) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() { Wipe(text.data(), text.size()); }
    std::string& text;
  };

  std::string WithPassword(const std::string& connection) const {
    const Secret password = PasswordIn(password_file_);
    std::string text;
    text.reserve(connection.size() + 2 * password.Reveal().size() + 16);  // it is never moved
    text.append(connection).append("password='");
    for (const char c : password.Reveal()) {
      if (c == '\'' || c == '\\') text.push_back('\\');
      text.push_back(c);
    }
    text.push_back('\'');
    return text;
  }

  const std::string password_file_;
};

// SQLite's own patience does not cover this: while another process switches the same new file, it
// says at once that the database is locked.
void SwitchToWriteAheadLog(soci::session& sql, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    try {
      std::string mode;
      sql << "PRAGMA journal_mode=WAL", soci::into(mode);
      return;
    } catch (const soci::soci_error& error) {
      if (KindOf(error) != FaultKind::kCollision || std::chrono::steady_clock::now() >= end) throw;
    }
    std::this_thread::sleep_for(kBetweenSwitches);
  }
}

void PrepareSqlite(soci::session& sql, std::chrono::milliseconds patience) {
  SwitchToWriteAheadLog(sql, patience);
  sql << "PRAGMA synchronous=FULL";
  sql << "PRAGMA foreign_keys=ON";
  sql << "PRAGMA secure_delete=ON";
}

void PreparePostgresql(soci::session& sql) {
  PQsetNoticeProcessor(
      ConnectionOf(sql), [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(ConnectionOf(sql), PQERRORS_TERSE);
  std::string encoding;
  std::string commit;
  sql << "SELECT current_setting('server_encoding'), current_setting('synchronous_commit')",
      soci::into(encoding), soci::into(commit);
  if (encoding != "UTF8") {
    throw StoreFailure("the database's encoding is " + encoding +
                       "; create it anew with ENCODING 'UTF8' TEMPLATE template0");
  }
  // What was answered must not be lost with the server's power, whatever its settings say.
  if (commit == "off") sql << "SET synchronous_commit TO 'on'";
  sql << "SET lock_timeout TO 10000";
  // A process that stands still must not keep its locks for ever.
  sql << "SET idle_in_transaction_session_timeout TO 60000";
  sql << "SET default_transaction_isolation TO 'read committed'";
}

}  // namespace

Result<std::unique_ptr<SessionPool>> SessionPool::Make(const std::string& target, unsigned sessions,
                                                       DatabaseOptions options) {
  const Dialect dialect = DialectOf(target);
  std::unique_ptr<SessionPool> pool(
      new SessionPool(dialect, std::max(sessions, 1U), std::move(options)));
  if (dialect == Dialect::kSqlite) {
    if (target.find('"') != std::string::npos) {
      return Error{Errc::kPolicy, target + ": a database path must not hold a quote"};
    }
    pool->shown_ = target;
    const auto seconds = std::max<long long>(pool->options_.patience.count() / 1000, 1);
    pool->factory_ = std::make_unique<SqliteFactory>();
    pool->connection_ = "dbname=\"" + target + "\" timeout=" + std::to_string(seconds);
    return pool;
  }
  Result<PostgresqlTarget> read = ReadPostgresqlTarget(target);
  if (!read.ok()) return read.error();
  pool->shown_ = std::move(read->shown);
  pool->connection_ = std::move(read->connection);
  pool->factory_ = std::make_unique<PostgresqlFactory>(pool->options_.password_file);
  return pool;
}

SessionPool::SessionPool(Dialect dialect, unsigned sessions, DatabaseOptions options)
    : dialect_(dialect), options_(std::move(options)) {
  for (unsigned i = 0; i < sessions; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    free_.push_back(i);
  }
  if (dialect_ == Dialect::kSqlite) slots_.push_back(std::make_unique<Slot>());
}

SessionPool::~SessionPool() { slots_.clear(); }

SessionPool::Lease::Lease(SessionPool& pool, Use use) : pool_(pool), position_(pool.TakeFree(use)) {
  Slot& slot = *pool.slots_[position_];
  if (slot.connected) return;
  try {
    pool.Connect(slot);
  } catch (...) {
    pool.GiveBack(position_);
    throw;
  }
}

SessionPool::Lease::~Lease() { pool_.GiveBack(position_); }

soci::session& SessionPool::Lease::sql() { return pool_.slots_[position_]->session; }

bool SessionPool::Lease::IsLost() {
  Slot& slot = *pool_.slots_[position_];
  if (pool_.dialect_ == Dialect::kSqlite) return false;
  slot.connected = slot.connected && PQstatus(ConnectionOf(slot.session)) == CONNECTION_OK;
  return !slot.connected;
}

std::size_t SessionPool::TakeFree(Use use) {
  if (use == Use::kWriter) return slots_.size() - 1;
  std::unique_lock lock(mutex_);
  if (!freed_.wait_for(lock, options_.patience, [this] { return !free_.empty(); })) {
    throw StoreFailure(shown_ + ": all " + std::to_string(slots_.size()) +
                       " sessions are busy for too long");
  }
  const std::size_t position = free_.back();
  free_.pop_back();
  return position;
}

void SessionPool::GiveBack(std::size_t position) {
  if (dialect_ == Dialect::kSqlite && position == slots_.size() - 1) return;
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(position);
  }
  freed_.notify_one();
}

void SessionPool::Connect(Slot& slot) {
  {
    const std::lock_guard lock(mutex_);
    if (away_ && Steady::now() < next_try_) throw StoreFailure(away_because_);
    next_try_ = Steady::now() + kBetweenTries;
  }
  try {
    slot.session.close();
    slot.session.open(soci::connection_parameters(*factory_, connection_));
    if (dialect_ == Dialect::kSqlite) {
      PrepareSqlite(slot.session, options_.patience);
    } else {
      PreparePostgresql(slot.session);
    }
  } catch (const soci::soci_error& error) {
    NoteAway(SentenceOf(error));
    throw StoreFailure(shown_ + ": " + SentenceOf(error));
  }
  slot.connected = true;
  NoteBack();
}

void SessionPool::NoteAway(const std::string& why) {
  const std::lock_guard lock(mutex_);
  next_try_ = Steady::now() + kBetweenTries;
  if (away_) return;
  away_ = true;
  away_because_ = shown_ + ": the database is away";
  if (options_.log) options_.log(away_because_ + ": " + why);
}

void SessionPool::NoteBack() {
  const std::lock_guard lock(mutex_);
  if (away_ && options_.log) options_.log(shown_ + ": the database is back");
  away_ = false;
}

}  // namespace sspr::service
