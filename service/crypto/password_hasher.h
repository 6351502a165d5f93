// SPDX-License-Identifier: Apache-2.0
// Argon2id (RFC 9106) for the built-in directory: 19 MiB, two passes, one lane. At most a few
// hashes run at once, so that a flood of them can take neither the memory nor the processors.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/crypto/random.h"

namespace sspr::service {

class PasswordHasher {
 public:
  PasswordHasher(Random& random, unsigned at_once);

  // The encoded hash ("$argon2id$…"). Errors: kTimedOut (no room within 10 s), kInternal. Blocks;
  // safe from several threads at once.
  Result<std::string> Hash(const Secret& password);
  // An encoded hash that is empty stands for "nobody": takes as long, and is never right.
  Result<bool> Verify(const std::string& encoded, const Secret& password);

  // Calls that have room, and calls that wait for it.
  struct Load {
    unsigned running = 0;
    unsigned waiting = 0;
  };
  Load LoadNow();

 private:
  class Room;

  Random& random_;
  std::mutex mutex_;
  std::condition_variable freed_;
  const unsigned places_;
  unsigned free_;
  unsigned waiting_ = 0;
  std::string nobody_;  // a hash of no password
};

}  // namespace sspr::service
