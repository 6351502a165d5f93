// SPDX-License-Identifier: Apache-2.0
// Time as a parameter. Only the implementations of Clock look at a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace sspr {

using UnixSeconds = std::int64_t;

inline constexpr UnixSeconds kHourSeconds = 3600;
inline constexpr UnixSeconds kDaySeconds = 24 * kHourSeconds;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  // Seconds since 1970-01-01 UTC, as the machine believes.
  virtual UnixSeconds Now() const = 0;
  // Never goes back; its zero means nothing.
  virtual std::chrono::milliseconds Monotonic() const = 0;
};

}  // namespace sspr
