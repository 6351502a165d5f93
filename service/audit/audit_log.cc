// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "service/audit/audit_line.h"

namespace sspr::service {
namespace {

constexpr char kEndSetting[] = "audit.end";
constexpr off_t kLongestLine = 16 * 1024;

// The file, open for appending and locked against other processes until this dies.
class LockedFile {
 public:
  explicit LockedFile(const std::string& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    while (fd_ >= 0 && flock(fd_, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      close(fd_);
      fd_ = -1;
    }
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  ~LockedFile() {
    if (fd_ >= 0) close(fd_);
  }
  bool ok() const { return fd_ >= 0; }

  // The last whole line. A torn one behind it was never acknowledged: it is cut off. Nothing when
  // that fails.
  std::optional<std::string> LastLine() {
    struct stat status {};
    if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    const off_t from = std::max<off_t>(0, status.st_size - kLongestLine);
    std::string tail(static_cast<std::size_t>(status.st_size - from), '\0');
    if (pread(fd_, tail.data(), tail.size(), from) != static_cast<ssize_t>(tail.size())) {
      return std::nullopt;
    }
    const std::size_t end = tail.rfind('\n');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    if (whole != tail.size() && ftruncate(fd_, from + static_cast<off_t>(whole)) != 0) {
      return std::nullopt;
    }
    if (whole == 0) return from == 0 ? std::optional<std::string>("") : std::nullopt;
    tail.resize(end);
    const std::size_t before = tail.rfind('\n');
    return before == std::string::npos ? tail : tail.substr(before + 1);
  }

  // Durable when true. A line that came out torn is cut off by the next LastLine.
  bool Append(const std::string& line) {
    return write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
           fdatasync(fd_) == 0;
  }

 private:
  int fd_;
};

std::string EndText(const ChainEnd& end) { return std::to_string(end.number) + " " + end.hash; }

}  // namespace

// Within the store's step that the line is about, or in one of its own: the store's lock first,
// then ours, always.
Status AuditLog::Write(const AuditEvent& event, Weight weight) {
  Status written = Ok();
  store_.Atomically([&] { written = WriteLine(event, weight); });
  return written;
}

Status AuditLog::WriteLine(const AuditEvent& event, Weight weight) {
  const std::lock_guard lock(mutex_);
  LockedFile file(path_);
  if (!file.ok()) return Error{Errc::kInternal, path_ + ": " + std::strerror(errno)};
  const std::optional<std::string> last = file.LastLine();
  if (!last) return Error{Errc::kInternal, path_ + ": cannot be read"};
  ChainEnd end = EmptyChain();
  if (!last->empty()) {
    const std::optional<ChainEnd> found = ReadAuditLine(*last, nullptr);
    if (!found) {
      return Error{Errc::kInternal,
                   path_ + ": its last line was changed; restore the file from a copy"};
    }
    end = *found;
  }
  const std::string line = AuditLine(event, clock_.Now(), end) + "\n";
  if (!file.Append(line)) return Error{Errc::kInternal, path_ + ": cannot be written"};
  if (weight == Weight::kFinal) store_.PutSetting(kEndSetting, EndText(end));
  return Ok();
}

Result<AuditVerdict> AuditLog::Verify() {
  std::string noted = EndText(EmptyChain());
  for (const auto& [name, value] : store_.ListSettings()) {
    if (name == kEndSetting) noted = value;
  }
  const std::lock_guard lock(mutex_);
  const LockedFile in_peace(path_);  // no line is half written while we read
  std::ifstream file(path_, std::ios::binary);
  if (!in_peace.ok() || !file) return Error{Errc::kInternal, path_ + ": cannot be read"};
  AuditVerdict verdict;
  ChainEnd end = EmptyChain();
  bool passed_noted = EndText(end) == noted;
  for (std::string line; std::getline(file, line);) {
    const std::optional<ChainEnd> next = ReadAuditLine(line, &end);
    if (!next) {
      verdict.detail = "line " + std::to_string(verdict.records + 1) +
                       " was changed, or does not follow the one before it";
      return verdict;
    }
    end = *next;
    ++verdict.records;
    passed_noted = passed_noted || EndText(end) == noted;
  }
  if (!passed_noted) {
    verdict.detail =
        "the end is missing: after line " + std::to_string(verdict.records) + " there were more";
    return verdict;
  }
  verdict.intact = true;
  return verdict;
}

}  // namespace sspr::service
