// SPDX-License-Identifier: Apache-2.0
// An allocator that wipes memory before it gives it back, for the buffers that request bodies pass
// through: a new password is in them.
#pragma once

#include <cstddef>
#include <memory>

#include "common/base/wipe.h"

namespace sspr::service {

template <typename T>
class WipingAllocator {
 public:
  using value_type = T;

  WipingAllocator() noexcept = default;
  template <typename U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    Wipe(memory, count * sizeof(T));
    std::allocator<T>{}.deallocate(memory, count);
  }

  friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

}  // namespace sspr::service
