// SPDX-License-Identifier: Apache-2.0
// How long something took, counted in fixed steps. Lock-free, so that it can sit in a hot path.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sspr::service {

class Histogram {
 public:
  // Upper bounds in microseconds; beyond the last counts in the total alone.
  static constexpr std::array<std::int64_t, 14> kBounds = {
      100,    250,    500,     1'000,   2'500,     5'000,     10'000,
      25'000, 50'000, 100'000, 250'000, 1'000'000, 5'000'000, 20'000'000};

  void Add(std::chrono::microseconds taken) noexcept {
    const std::int64_t value = taken.count();
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      if (value > kBounds[i]) continue;
      steps_[i].fetch_add(1, std::memory_order_relaxed);
      break;
    }
    count_.fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  std::uint64_t Step(std::size_t i) const noexcept { return steps_[i].load(); }
  std::uint64_t Count() const noexcept { return count_.load(); }
  std::chrono::microseconds Sum() const noexcept { return std::chrono::microseconds(sum_.load()); }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size()> steps_{};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::int64_t> sum_{0};
};

}  // namespace sspr::service
