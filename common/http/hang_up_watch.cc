// SPDX-License-Identifier: Apache-2.0
#include "common/http/hang_up_watch.h"

#include <sys/epoll.h>
#include <unistd.h>

namespace sspr {

HangUpWatch::HangUpWatch(int fd) {
  if (fd < 0) return;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLRDHUP;
  ok_ = epoll_ >= 0 && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

HangUpWatch::~HangUpWatch() {
  if (epoll_ >= 0) ::close(epoll_);
}

bool HangUpWatch::HungUp() const {
  epoll_event event{};
  return epoll_ >= 0 && ::epoll_wait(epoll_, &event, 1, 0) > 0;
}

}  // namespace sspr
