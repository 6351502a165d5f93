// SPDX-License-Identifier: Apache-2.0
// Tells the hang-up of a connection from bytes that arrive on it, for loops that can only wait for
// input: an epoll set that becomes readable at the hang-up alone.
#pragma once

namespace sspr {

class HangUpWatch {
 public:
  // Watches what fd is now; -1 watches nothing.
  explicit HangUpWatch(int fd);
  HangUpWatch(const HangUpWatch&) = delete;
  HangUpWatch& operator=(const HangUpWatch&) = delete;
  ~HangUpWatch();

  // False when the descriptor cannot be watched.
  bool ok() const noexcept { return ok_; }
  // Becomes readable at the hang-up; -1 when nothing is watched.
  int readable_fd() const noexcept { return epoll_; }
  bool HungUp() const;

 private:
  int epoll_ = -1;
  bool ok_ = true;
};

}  // namespace sspr
