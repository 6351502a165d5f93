// SPDX-License-Identifier: Apache-2.0
// The audit file: lines appended under a lock that other processes heed, space reserved before
// they are due, so that a full disk is met before the decision is committed and not behind it.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr::service {

class AuditFile {
 public:
  explicit AuditFile(std::string path) : path_(std::move(path)) {}
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;
  ~AuditFile();

  const std::string& path() const { return path_; }

  // Opens or makes the file (mode 0600), again when another one is in its place; locks it; cuts off
  // a torn last line, which was never acknowledged; and sees to it that there is room. kInternal,
  // unlocked, when any of it fails or the last line was changed.
  Status Lock();
  void Unlock();
  // Whole lines. Between Lock and Unlock.
  Status Append(std::string_view lines);
  // Between Lock and Unlock: gives each of the last lines to visit.
  Status VisitTail(const std::function<void(std::string_view)>& visit) const;
  // A descriptor of the file for the caller to sync and close; -1: there is none yet.
  int Duplicate() const;

 private:
  Status Open();
  Status CheckEnd();
  Status Fault(const char* what) const;
  void Close();

  const std::string path_;
  int fd_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  // As we left it: while both stay so, nobody wrote in between.
  off_t size_ = -1;
  timespec changed_{};
  off_t reserved_ = 0;
};

}  // namespace sspr::service
