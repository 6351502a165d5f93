// SPDX-License-Identifier: Apache-2.0
// A clock that moves when the test says so. Safe from several threads.
#pragma once

#include <atomic>

#include "common/base/clock.h"

namespace sspr {

class FakeClock final : public Clock {
 public:
  // 2026-01-01 00:00:00 UTC, at the beginning of a 30 s step.
  static constexpr UnixSeconds kStart = 1767225600;

  UnixSeconds Now() const override { return now_; }
  std::chrono::milliseconds Monotonic() const override {
    return std::chrono::milliseconds(monotonic_);
  }

  // Time passes.
  void Advance(UnixSeconds seconds) {
    now_ += seconds;
    monotonic_ += seconds * 1000;
  }
  // Somebody sets the clock; may go back.
  void Step(UnixSeconds seconds) { now_ += seconds; }

 private:
  std::atomic<UnixSeconds> now_ = kStart;
  std::atomic<std::int64_t> monotonic_ = 1000;
};

}  // namespace sspr
