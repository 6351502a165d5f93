// SPDX-License-Identifier: Apache-2.0
// What sspr-enroll says when it cannot go on, and what is to be done then.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr {

// The exit code; the same as on Linux.
enum class EnrolCode {
  kDone = 0,
  kNotEnrolled = 1,
  kUsage = 2,
  kNotReached = 3,
  kRefused = 4,
  kMachine = 5,
};

struct EnrolEnd {
  EnrolCode code = EnrolCode::kDone;
  std::string text;  // for the administrator
  enum class Change { kNone, kEnrolled, kForgotten } change = Change::kNone;
};

// An error of DeviceLink.
EnrolEnd Explain(const Error& error, const std::string& base_url);
// An error of CNG or the registry.
EnrolEnd MachineFault(const Error& error);
EnrolEnd NoToken(const std::string& why);
EnrolEnd NotEnrolled();
EnrolEnd ForeignPermitKey();

}  // namespace sspr
