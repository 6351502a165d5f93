// SPDX-License-Identifier: Apache-2.0
// The machine's clock, for the flow programs.
#pragma once

#include <ctime>

#include "common/base/clock.h"

namespace sspr {

class SystemClock final : public Clock {
 public:
  UnixSeconds Now() const override { return std::time(nullptr); }
  std::chrono::milliseconds Monotonic() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace sspr
