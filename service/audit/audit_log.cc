// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_log.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/store/sql_access.h"

namespace sspr::service {
namespace {

constexpr std::size_t kHomeDigits = 8;
constexpr std::size_t kChainBytes = 6;
constexpr int kRecentRows = 200;
constexpr int kFileBatch = 1000;

// The same for every process that appends to this file, and for no other file.
std::string HomeOf(const std::string& path) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored).lexically_normal();
  return ToHex(Sha256(std::string(host.data()) + ":" + whole.string())).substr(0, kHomeDigits);
}

AuditRow RowOf(const AuditEvent& event, UnixSeconds at, const ChainEnd& end) {
  return {.chain = end.chain,
          .n = static_cast<std::int64_t>(end.number),
          .at = at,
          .event = event.event,
          .outcome = event.outcome,
          .user_id = event.user_id,
          .username = event.username,
          .actor = event.actor,
          .device = event.device,
          .address = event.address,
          .seal = {},
          .line = {}};
}

void Must(const Status& status) {
  if (!status.ok()) throw std::runtime_error("audit: " + status.error().detail);
}

}  // namespace

AuditLog::AuditLog(std::string path, SqlDatabase& database, const ServiceKeys& keys, Random& random,
                   const Clock& clock)
    : home_(HomeOf(path)),
      database_(database),
      keys_(keys),
      random_(random),
      clock_(clock),
      file_(std::move(path)) {
  database_.SetRider(this);
}

AuditLog::~AuditLog() {
  database_.SetRider(nullptr);
  SyncFile();
}

void AuditLog::Ride(AuditEvent event) {
  if (event.actor.empty()) event.actor = actor_;
  const std::lock_guard lock(waiting_mutex_);
  waiting_[std::this_thread::get_id()].push_back({std::move(event), clock_.Now()});
}

bool AuditLog::Waits() const {
  const std::lock_guard lock(waiting_mutex_);
  return waiting_.contains(std::this_thread::get_id());
}

void AuditLog::Drop() {
  const std::lock_guard lock(waiting_mutex_);
  waiting_.erase(std::this_thread::get_id());
}

Status AuditLog::Write(AuditEvent event, Weight) {
  try {
    database_.Write(LockKeys{}, [&](soci::session&) { Ride(event); });
    return Ok();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Status AuditLog::Probe() {
  const std::lock_guard lock(mutex_);
  Status good = file_.Lock();
  if (good.ok()) file_.Unlock();
  return good;
}

void AuditLog::SyncFile() {
  int descriptor = -1;
  {
    const std::lock_guard lock(mutex_);
    descriptor = file_.Duplicate();
  }
  if (descriptor < 0) return;
  fdatasync(descriptor);
  close(descriptor);
}

ChainEnd AuditLog::End() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void AuditLog::Board(soci::session& sql) {
  mutex_.lock();
  try {
    Must(file_.Lock());
    try {
      if (end_.chain.empty()) end_ = NewChain();
      if (unsure_) {
        const std::optional<AuditRow> last = AuditTable::NewestOf(sql, end_.chain);
        const std::optional<AuditLink> link = last ? ReadAuditLink(last->line) : std::nullopt;
        if (link) end_ = link->end;
        unsure_ = false;
        file_lacks_ = true;
      }
      if (file_lacks_) CompleteFile(sql);
      lines_.clear();
      next_ = end_;
      on_board_.clear();
      std::vector<Waiting> waiting;
      {
        const std::lock_guard lock(waiting_mutex_);
        waiting = waiting_[std::this_thread::get_id()];
      }
      for (Waiting& one : waiting) {
        PutRow(sql, one.event, one.at);
        on_board_.push_back(std::move(one.event));
      }
    } catch (...) {
      file_.Unlock();
      throw;
    }
  } catch (...) {
    mutex_.unlock();
    throw;
  }
}

void AuditLog::Alight(bool committed) noexcept {
  std::vector<AuditEvent> written;
  Listener listener;
  bool is_first = false;
  try {
    if (committed) {
      is_first = end_.number == 0;
      end_ = next_;
      Drop();
      // The decision stands. What the file lacks now is appended before the next one is made.
      if (file_.Append(lines_).ok()) {
        in_file_ = true;
      } else {
        file_lacks_ = true;
      }
      written.swap(on_board_);
      listener = listener_;
    } else {
      unsure_ = true;
    }
  } catch (...) {
    unsure_ = true;
  }
  file_.Unlock();
  mutex_.unlock();
  if (is_first) SyncFile();  // see CompleteFile
  try {
    if (listener) listener(written);
  } catch (...) {
    return;  // who counts or exports must not undo what is committed
  }
}

void AuditLog::SetListener(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

ChainEnd AuditLog::NewChain() {
  return {.chain = home_ + ToHex(RandomBytes(random_, kChainBytes)), .number = 0, .hash = NoHash()};
}

void AuditLog::PutRow(soci::session& sql, const AuditEvent& event, UnixSeconds at) {
  std::string after;
  if (next_.number == 0) {
    const std::optional<AuditRow> newest = AuditTable::Newest(sql);
    const std::optional<AuditLink> link = newest ? ReadAuditLink(newest->line) : std::nullopt;
    if (link) {
      after = link->end.chain + "/" + std::to_string(link->end.number);
      next_.hash = link->end.hash;
    }
  }
  const std::string line = AuditLine(event, at, after, next_);
  AuditRow row = RowOf(event, at, next_);
  row.seal = SealOf(next_.hash);
  row.line = line;
  AuditTable::Insert(sql, row);
  lines_ += line + "\n";
}

// Lines that the database has and the file lacks: of ours after a failure, of others after a power
// cut. Only of chains that the end of the file tells of: the first line of each was synced, and
// what is in a part of the file that was moved away must not come twice.
void AuditLog::CompleteFile(soci::session& sql) {
  std::map<std::string, std::uint64_t> ends;
  const Status seen = file_.VisitTail([&ends](std::string_view line) {
    if (const auto link = ReadAuditLink(line)) ends[link->end.chain] = link->end.number;
  });
  Must(seen);
  if (end_.number > 0 && !in_file_) ends.emplace(end_.chain, 0);
  for (const std::string& chain : AuditTable::RecentChains(sql, home_, kRecentRows)) {
    const auto known = ends.find(chain);
    if (known == ends.end()) continue;
    std::string lines;
    const auto from = static_cast<std::int64_t>(known->second);
    for (const AuditRow& row : AuditTable::Behind(sql, chain, from, kFileBatch)) {
      lines += row.line + "\n";
    }
    if (!lines.empty()) Must(file_.Append(lines));
    in_file_ = in_file_ || chain == end_.chain;
  }
  file_lacks_ = false;
}

std::string AuditLog::SealOf(const std::string& hash) const {
  return ToHex(keys_.NameDigest("audit seal:" + hash));
}

}  // namespace sspr::service
