// SPDX-License-Identifier: Apache-2.0
#include "pam_module/enroll/enroll_log.h"

#include <syslog.h>

#include <array>

#include "common/base/text.h"

namespace sspr {
namespace {

int PriorityOf(EnrollLogId id) {
  switch (id) {
    case EnrollLogId::kEnrolled:
    case EnrollLogId::kKeysRenewed:
    case EnrollLogId::kUnenrolled:
      return LOG_NOTICE;
    case EnrollLogId::kNotReached:
      return LOG_WARNING;
    case EnrollLogId::kRefused:
    case EnrollLogId::kMachineFault:
    case EnrollLogId::kForeignPermitKey:
    case EnrollLogId::kConfigurationRefused:
      return LOG_ERR;
  }
  return LOG_ERR;
}

}  // namespace

EnrollLog::EnrollLog(bool silent) : silent_(silent) {
  if (!silent_) openlog("sspr-enroll", LOG_PID, LOG_AUTHPRIV);
}

EnrollLog::~EnrollLog() {
  if (!silent_) closelog();
}

void EnrollLog::Note(EnrollLogId id, std::string_view message) const {
  if (silent_) return;
  std::array<char, 900> line{};
  FilterForDisplay(message, Lines::kOne, {line.data(), line.size() - 1});
  syslog(PriorityOf(id), "SSPR-E%03d %s", static_cast<int>(id), line.data());
}

}  // namespace sspr
