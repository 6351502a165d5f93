// SPDX-License-Identifier: Apache-2.0
// What sspr-enroll tells the machine's log: syslog, facility authpriv. The identifiers stay the
// same for good; docs/journal-messages.md lists them. No token, no key.
#pragma once

#include <string_view>

namespace sspr {

enum class EnrollLogId {
  kEnrolled = 1,
  kKeysRenewed = 2,
  kUnenrolled = 3,
  kRefused = 4,
  kNotReached = 5,
  kMachineFault = 6,
  kForeignPermitKey = 7,
  kConfigurationRefused = 8,
};

class EnrollLog {
 public:
  // Silent: for the files of another machine than this one.
  explicit EnrollLog(bool silent);
  ~EnrollLog();
  EnrollLog(const EnrollLog&) = delete;
  EnrollLog& operator=(const EnrollLog&) = delete;

  void Note(EnrollLogId id, std::string_view message) const;

 private:
  const bool silent_;
};

}  // namespace sspr
