// SPDX-License-Identifier: Apache-2.0
#include "common/base/errc.h"

namespace sspr {

const char* Name(Errc code) noexcept {
  switch (code) {
    case Errc::kCancelled:
      return "cancelled";
    case Errc::kTimedOut:
      return "timed_out";
    case Errc::kUnreachable:
      return "unreachable";
    case Errc::kDenied:
      return "denied";
    case Errc::kPolicy:
      return "policy";
    case Errc::kExpired:
      return "expired";
    case Errc::kProtocol:
      return "protocol";
    case Errc::kInternal:
      return "internal";
  }
  return "unknown";
}

}  // namespace sspr
