// SPDX-License-Identifier: Apache-2.0
#include "service/store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

#include "service/store/flow_store.h"
#include "service/store/migrations.h"
#include "service/store/restored_state.h"
#include "service/store/sql_database.h"

namespace sspr::service {
namespace {

constexpr int kPagesAtOnce = 1000;
constexpr int kBusyMilliseconds = 10'000;

// A connection to one file. A failure names the file.
class File {
 public:
  static Result<std::unique_ptr<File>> Open(const std::string& path, int flags) {
    std::unique_ptr<File> file(new File(path));
    if (sqlite3_open_v2(path.c_str(), &file->handle_, flags, nullptr) != SQLITE_OK) {
      return file->Failure();
    }
    sqlite3_busy_timeout(file->handle_, kBusyMilliseconds);
    return file;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { sqlite3_close(handle_); }

  Error Failure() const {
    return {Errc::kInternal, path_ + ": " + (handle_ ? sqlite3_errmsg(handle_) : "no memory")};
  }
  Status Run(const char* statement) {
    return sqlite3_exec(handle_, statement, nullptr, nullptr, nullptr) == SQLITE_OK
               ? Ok()
               : Status(Failure());
  }
  // The first column of the first row; empty when there is none.
  Result<std::string> Ask(const char* statement) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle_, statement, -1, &prepared, nullptr) != SQLITE_OK) {
      return Failure();
    }
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> held(prepared, &sqlite3_finalize);
    const int got = sqlite3_step(prepared);
    if (got == SQLITE_DONE) return std::string();
    if (got != SQLITE_ROW) return Failure();
    const unsigned char* const text = sqlite3_column_text(prepared, 0);
    return std::string(text != nullptr ? reinterpret_cast<const char*>(text) : "");
  }
  sqlite3* handle() const { return handle_; }

 private:
  explicit File(std::string path) : path_(std::move(path)) {}
  const std::string path_;
  sqlite3* handle_ = nullptr;
};

// An empty file of mode 0600, whatever the umask.
Status MakeNew(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return Error{errno == EEXIST ? Errc::kDenied : Errc::kInternal,
                 path + ": " + std::strerror(errno)};
  }
  fchmod(fd, 0600);
  close(fd);
  return Ok();
}

Status Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  if (!synced) return Error{Errc::kInternal, path + ": " + std::strerror(errno)};
  return Ok();
}

std::string FolderOf(const std::string& path) {
  return std::filesystem::absolute(path).parent_path().string();
}

// Renames what is whole and on the disk.
Status GiveName(const std::string& from, const std::string& to) {
  if (Status synced = Sync(from); !synced.ok()) return synced;
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    return Error{Errc::kInternal, to + ": " + std::strerror(errno)};
  }
  return Sync(FolderOf(to));
}

// Removes a file that did not come to its end, with what SQLite may have put beside it.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    for (const char* const end : {"", "-wal", "-shm", "-journal"}) {
      std::error_code ignored;
      std::filesystem::remove(path_ + end, ignored);
    }
  }

 private:
  const std::string path_;
};

Status Copy(File& from, File& to, const Progress& progress) {
  // As long as this lasts the source is read as of one moment: writers go on, and the copy does not
  // begin anew with each of them.
  if (Status begun = from.Run("BEGIN"); !begun.ok()) return begun;
  if (const auto seen = from.Ask("SELECT COUNT(*) FROM sqlite_master"); !seen.ok()) {
    return seen.error();
  }
  sqlite3_backup* const copy = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (copy == nullptr) return to.Failure();
  int got = SQLITE_OK;
  while ((got = sqlite3_backup_step(copy, kPagesAtOnce)) == SQLITE_OK) {
    const int all = sqlite3_backup_pagecount(copy);
    if (progress && all > 0) {
      progress(static_cast<int>(100LL * (all - sqlite3_backup_remaining(copy)) / all));
    }
  }
  sqlite3_backup_finish(copy);
  if (got != SQLITE_DONE) return to.Failure();
  if (progress) progress(100);
  return from.Run("COMMIT");
}

// Whole, ours, and not of a newer program.
Status LookThrough(File& file, const std::string& path) {
  const auto whole = file.Ask("PRAGMA integrity_check(1)");
  if (!whole.ok()) return whole.error();
  if (*whole != "ok") return Error{Errc::kInternal, path + ": is damaged: " + *whole};
  const auto orphan = file.Ask("PRAGMA foreign_key_check");
  if (!orphan.ok()) return orphan.error();
  if (!orphan->empty()) {
    return Error{Errc::kInternal, path + ": is damaged: rows without owners in " + *orphan};
  }
  const auto version = file.Ask("SELECT MAX(version) FROM schema_version");
  if (!version.ok() || version->empty()) {
    return Error{Errc::kInternal, path + ": is no database of this service"};
  }
  if (std::stoll(*version) > static_cast<long long>(Migrations().size())) {
    return Error{Errc::kInternal,
                 path + ": its schema is of a newer program; install that program first"};
  }
  return Ok();
}

Result<std::unique_ptr<File>> OpenToRead(const std::string& path) {
  // A log beside it may be needed to read it, and to make one needs the right to write.
  Result<std::unique_ptr<File>> file = File::Open(path, SQLITE_OPEN_READWRITE);
  return file.ok() ? std::move(file) : File::Open(path, SQLITE_OPEN_READONLY);
}

// A copy under a name of its own, in one file.
Status CopyTo(const std::string& from, const std::string& to, const Progress& progress) {
  if (Status made = MakeNew(to); !made.ok()) return made;
  auto source = OpenToRead(from);
  if (!source.ok()) return source.error();
  auto target = File::Open(to, SQLITE_OPEN_READWRITE);
  if (!target.ok()) return target.error();
  if (Status copied = Copy(**source, **target, progress); !copied.ok()) return copied;
  if (Status single = (*target)->Run("PRAGMA journal_mode=DELETE"); !single.ok()) return single;
  return LookThrough(**target, to);
}

// Takes the log into the file. SQLite does that only when nobody else has the database open. One
// that is beyond that is no reason to keep it in its place.
Status MakeSingle(const std::string& database) {
  auto file = File::Open(database, SQLITE_OPEN_READWRITE);
  if (!file.ok()) return file.error();
  sqlite3_busy_timeout((*file)->handle(), 0);
  const auto mode = (*file)->Ask("PRAGMA journal_mode=DELETE");
  if (mode.ok() && *mode == "delete") return Ok();
  const int why = sqlite3_errcode((*file)->handle());
  if (!mode.ok() && (why == SQLITE_NOTADB || why == SQLITE_CORRUPT)) return Ok();
  return Error{Errc::kDenied, database + ": a service has it open; stop it first"};
}

std::string AsideName(const std::string& database, UnixSeconds now) {
  const std::time_t seconds = static_cast<std::time_t>(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), ".replaced-%Y%m%dT%H%M%SZ", &parts);
  return database + std::string(text.data(), length);
}

}  // namespace

Status BackUpSqlite(const std::string& database, const std::string& copy,
                    const Progress& progress) {
  std::error_code ignored;
  if (!std::filesystem::exists(database, ignored)) {
    return Error{Errc::kInternal, database + ": there is no such database"};
  }
  if (std::filesystem::exists(copy, ignored)) {
    return Error{Errc::kDenied, copy + ": is there already; a backup never replaces another"};
  }
  const std::string partial = copy + ".partial";
  if (Status made = CopyTo(database, partial, progress); !made.ok()) {
    if (made.error().code != Errc::kDenied) {
      const Unfinished removed(partial);
    }
    return made;
  }
  return GiveName(partial, copy);
}

Result<RestoreReport> RestoreSqlite(const std::string& copy, const std::string& database,
                                    UnixSeconds now, const Progress& progress) {
  std::error_code ignored;
  if (!std::filesystem::exists(copy, ignored)) {
    return Error{Errc::kInternal, copy + ": there is no such file"};
  }
  const bool replaces = std::filesystem::exists(database, ignored);
  if (replaces) {
    if (Status single = MakeSingle(database); !single.ok()) return single.error();
  }
  const std::string fresh = database + ".restoring";
  const Unfinished removed(fresh);
  for (const char* const end : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(fresh + end, ignored);  // of a restore that was cut off
  }
  if (Status copied = CopyTo(copy, fresh, progress); !copied.ok()) return copied.error();
  RestoreReport report;
  try {
    auto opened = SqlDatabase::Open(fresh, 1);
    if (!opened.ok()) return opened.error();
    report.lost_codes = VoidRestoredState(**opened, now);
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
  if (Status single = MakeSingle(fresh); !single.ok()) return single.error();
  if (replaces) {
    report.aside = AsideName(database, now);
    for (const std::string end : {"", "-wal", "-shm"}) {
      if (!std::filesystem::exists(database + end, ignored)) continue;
      Status moved = GiveName(database + end, report.aside + end);
      if (!moved.ok()) return moved.error();
    }
  }
  if (Status moved = GiveName(fresh, database); !moved.ok()) return moved.error();
  return report;
}

}  // namespace sspr::service
