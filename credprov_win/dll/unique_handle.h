// SPDX-License-Identifier: Apache-2.0
// A kernel handle that is closed once. Null stands for none, INVALID_HANDLE_VALUE never does.
#pragma once

#include <windows.h>

#include <utility>

namespace sspr {

class UniqueHandle {
 public:
  UniqueHandle() noexcept = default;
  explicit UniqueHandle(HANDLE handle) noexcept { Reset(handle); }
  UniqueHandle(UniqueHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  UniqueHandle& operator=(UniqueHandle&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.handle_, nullptr));
    return *this;
  }
  ~UniqueHandle() { Reset(nullptr); }

  void Reset(HANDLE handle) noexcept {
    if (handle_ != nullptr) CloseHandle(handle_);
    handle_ = handle == INVALID_HANDLE_VALUE ? nullptr : handle;
  }
  HANDLE get() const noexcept { return handle_; }
  // For functions that fill one in.
  HANDLE* Fill() noexcept {
    Reset(nullptr);
    return &handle_;
  }
  explicit operator bool() const noexcept { return handle_ != nullptr; }

 private:
  HANDLE handle_ = nullptr;
};

}  // namespace sspr
