// SPDX-License-Identifier: Apache-2.0
#include "service/store/sign_in_lock.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr int kFreeFailures = 10;
constexpr int kFirstLockSeconds = 60;
constexpr int kLongestLockSeconds = 3600;
constexpr int kMostDoublings = 6;  // 64 minutes, cut to the longest

}  // namespace

LimitVerdict CountSignIn(SignInLock& lock, UnixSeconds now) {
  // After the clock went back, a lock lasts at most as long as the longest one.
  const UnixSeconds until = std::min(lock.locked_until, now + kLongestLockSeconds);
  if (until > now) {
    return {
        .allowed = false, .retry_after_seconds = static_cast<int>(until - now), .reservation = {}};
  }
  lock.failures = std::min(lock.failures + 1, kFreeFailures + kMostDoublings);
  if (lock.failures >= kFreeFailures) {
    const int seconds = kFirstLockSeconds << (lock.failures - kFreeFailures);
    lock.locked_until = now + std::min(seconds, kLongestLockSeconds);
  }
  return {.allowed = true, .retry_after_seconds = 0, .reservation = {}};
}

}  // namespace sspr::service
