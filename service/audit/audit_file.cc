// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "service/audit/audit_line.h"

namespace sspr::service {
namespace {

constexpr off_t kLongestLine = 16 * 1024;
constexpr off_t kTailBytes = 256 * 1024;
constexpr off_t kReserveBytes = 64 * 1024;

bool SameTime(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

AuditFile::~AuditFile() { Close(); }

void AuditFile::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  size_ = -1;
  reserved_ = 0;
}

Status AuditFile::Fault(const char* what) const {
  return Error{Errc::kInternal, path_ + ": " + what};
}

Status AuditFile::Open() {
  struct stat there {};
  const bool exists = stat(path_.c_str(), &there) == 0;
  if (fd_ >= 0 && exists && there.st_dev == device_ && there.st_ino == inode_) return Ok();
  Close();
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct stat status {};
  if (fd_ < 0 || fstat(fd_, &status) != 0) return Fault(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) {
    Close();
    return Fault("is not a regular file");
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  return Ok();
}

Status AuditFile::Lock() {
  if (Status opened = Open(); !opened.ok()) return opened;
  while (flock(fd_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const Status fault = Fault(std::strerror(errno));
    Close();
    return fault;
  }
  Status good = CheckEnd();
  if (!good.ok()) Unlock();
  return good;
}

void AuditFile::Unlock() {
  if (fd_ >= 0) flock(fd_, LOCK_UN);
}

Status AuditFile::CheckEnd() {
  struct stat status {};
  if (fstat(fd_, &status) != 0) return Fault(std::strerror(errno));
  if (status.st_size != size_ || !SameTime(status.st_mtim, changed_)) {
    const off_t from = std::max<off_t>(0, status.st_size - kLongestLine);
    std::string tail(static_cast<std::size_t>(status.st_size - from), '\0');
    if (pread(fd_, tail.data(), tail.size(), from) != static_cast<ssize_t>(tail.size())) {
      return Fault("cannot be read");
    }
    const std::size_t end = tail.rfind('\n');
    const std::size_t whole = end == std::string::npos ? 0 : end + 1;
    if (whole == 0 && from > 0) return Fault("its last line has no end; restore it from a copy");
    if (whole != tail.size() && ftruncate(fd_, from + static_cast<off_t>(whole)) != 0) {
      return Fault(std::strerror(errno));
    }
    if (whole > 0) {
      tail.resize(end);
      const std::size_t before = tail.rfind('\n');
      if (!ReadAuditLink(before == std::string::npos ? tail : tail.substr(before + 1))) {
        return Fault("its last line was changed; restore the file from a copy");
      }
    }
    if (fstat(fd_, &status) != 0) return Fault(std::strerror(errno));
    size_ = status.st_size;
    changed_ = status.st_mtim;
  }
  if (size_ + kReserveBytes / 2 > reserved_) {
    // Not every file system can; there a full disk is met by Append.
    if (fallocate(fd_, FALLOC_FL_KEEP_SIZE, size_, kReserveBytes) != 0 && errno != EOPNOTSUPP &&
        errno != ENOSYS) {
      return Fault(std::strerror(errno));
    }
    reserved_ = size_ + kReserveBytes;
  }
  return Ok();
}

Status AuditFile::Append(std::string_view lines) {
  const ssize_t written = write(fd_, lines.data(), lines.size());
  struct stat status {};
  if (written != static_cast<ssize_t>(lines.size()) || fstat(fd_, &status) != 0) {
    const Status fault = Fault(written < 0 ? std::strerror(errno) : "is full");
    // A torn line is cut off by the next Lock too.
    if (written > 0 && size_ >= 0) (void)!ftruncate(fd_, size_);
    size_ = -1;
    return fault;
  }
  size_ = status.st_size;
  changed_ = status.st_mtim;
  return Ok();
}

Status AuditFile::VisitTail(const std::function<void(std::string_view)>& visit) const {
  const off_t from = std::max<off_t>(0, size_ - kTailBytes);
  std::string tail(static_cast<std::size_t>(size_ - from), '\0');
  if (pread(fd_, tail.data(), tail.size(), from) != static_cast<ssize_t>(tail.size())) {
    return Fault("cannot be read");
  }
  std::string_view rest = tail;
  if (from > 0) rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    visit(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Ok();
}

int AuditFile::Duplicate() const { return fd_ < 0 ? -1 : fcntl(fd_, F_DUPFD_CLOEXEC, 0); }

}  // namespace sspr::service
