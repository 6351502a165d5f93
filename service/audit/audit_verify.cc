// SPDX-License-Identifier: Apache-2.0
// Whether the audit is whole: each chain in the database, each line of the file, and that neither
// has what the other lacks.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "service/audit/audit_log.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

std::string PlaceOf(const AuditRow& row) { return row.chain + "/" + std::to_string(row.n); }

// Whether the columns that are searched say what the line says.
bool SaysTheSame(const AuditRow& row) {
  const std::optional<AuditReading> reading = ReadAuditLine(row.line);
  return reading && reading->event.event == row.event && reading->event.outcome == row.outcome &&
         reading->event.user_id == row.user_id && reading->event.username == row.username &&
         reading->event.actor == row.actor && reading->event.device == row.device &&
         reading->event.address == row.address && reading->at == row.at;
}

// The rows of the database, one after the other; the fault of the first bad one.
class RowCheck {
 public:
  explicit RowCheck(AuditTable& table) : table_(table) {}

  std::string Take(const AuditRow& row, const std::string& seal) {
    const std::optional<AuditLink> link = ReadAuditLink(row.line);
    if (!link || link->end.chain != row.chain ||
        link->end.number != static_cast<std::uint64_t>(row.n) || !SaysTheSame(row) ||
        !SameBytes(row.seal, seal)) {
      return PlaceOf(row) + " was changed";
    }
    if (row.chain == end_.chain) {
      if (link->end.number != end_.number + 1 || link->prev != end_.hash) {
        return PlaceOf(row) + " does not follow the record before it";
      }
    } else if (link->end.number != 1 || !BeginsRightly(*link)) {
      return PlaceOf(row) + " does not begin behind a record that is there";
    }
    end_ = link->end;
    return {};
  }

 private:
  bool BeginsRightly(const AuditLink& link) {
    if (link.after.empty()) return link.prev == NoHash();
    const std::size_t slash = link.after.find('/');
    if (slash == std::string::npos) return false;
    const std::optional<std::string> line =
        table_.LineAt(link.after.substr(0, slash), std::atoll(link.after.c_str() + slash + 1));
    const std::optional<AuditLink> before = line ? ReadAuditLink(*line) : std::nullopt;
    return before && before->end.hash == link.prev;
  }

  AuditTable& table_;
  ChainEnd end_;
};

// Keeps the lines of the file as they are while it is read. Not open when there is no file yet.
class Peace {
 public:
  explicit Peace(const std::string& path)
      : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
    if (fd_ >= 0) flock(fd_, LOCK_SH);
  }
  Peace(const Peace&) = delete;
  Peace& operator=(const Peace&) = delete;
  ~Peace() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  int fd_;
};

// The lines of a file, in order; the fault of the first bad one.
class LineCheck {
 public:
  explicit LineCheck(AuditTable& table) : table_(table) {}

  std::string Take(const std::string& line) {
    const std::optional<AuditLink> link = ReadAuditLink(line);
    if (!link) return "was changed";
    const auto known = ends_.find(link->end.chain);
    const std::uint64_t before = known == ends_.end() ? 0 : known->second.number;
    if (link->end.number != before + 1 ||
        (known != ends_.end() && link->prev != known->second.hash)) {
      return "does not follow the one before it";
    }
    if (table_.LineAt(link->end.chain, static_cast<std::int64_t>(link->end.number)) != line) {
      return "is not what the database says, or missing there";
    }
    ends_[link->end.chain] = link->end;
    return {};
  }

  std::uint64_t EndOf(const std::string& chain) const {
    const auto known = ends_.find(chain);
    return known == ends_.end() ? 0 : known->second.number;
  }

 private:
  AuditTable& table_;
  std::map<std::string, ChainEnd> ends_;
};

}  // namespace

Result<AuditVerdict> AuditLog::Verify(std::vector<std::string> files) {
  if (files.empty()) files.push_back(file_.path());
  AuditTable table(database_);
  AuditVerdict verdict;
  RowCheck rows(table);
  table.Visit([&](const AuditRow& row) {
    const std::optional<AuditLink> link = ReadAuditLink(row.line);
    const std::string fault = rows.Take(row, link ? SealOf(link->end.hash) : std::string());
    if (fault.empty()) ++verdict.records;
    if (!fault.empty()) verdict.detail = "database: " + fault;
    return fault.empty();
  });
  if (!verdict.detail.empty()) return verdict;

  const Peace peace(files.back());
  const auto ends = table.Ends();
  LineCheck lines(table);
  for (const std::string& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file && !(ends.empty() && files.size() == 1)) {
      return Error{Errc::kInternal, path + ": cannot be read"};
    }
    std::uint64_t number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (const std::string fault = lines.Take(line); !fault.empty()) {
        verdict.detail = path + ": line " + std::to_string(number) + " " + fault;
        return verdict;
      }
    }
  }
  for (const auto& [chain, last] : ends) {
    const std::uint64_t in_file = lines.EndOf(chain);
    if (!chain.starts_with(home_) || in_file >= static_cast<std::uint64_t>(last)) continue;
    verdict.detail = files.back() + ": lines are missing: the database has " + chain + "/" +
                     std::to_string(last) + ", the file ends at " + std::to_string(in_file);
    return verdict;
  }
  verdict.intact = true;
  return verdict;
}

}  // namespace sspr::service
