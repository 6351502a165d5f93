// SPDX-License-Identifier: Apache-2.0
// Where the service's randomness comes from: a seam, so that tests can foresee a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/secret.h"

namespace sspr::service {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  // Fills all of it with unforeseeable bytes. Throws std::runtime_error when the system has none;
  // nothing may go on then. Safe from several threads at once.
  virtual void Fill(std::span<unsigned char> bytes) = 0;
};

// getrandom(2).
class SystemRandom : public Random {
 public:
  void Fill(std::span<unsigned char> bytes) override;
};

std::string RandomBytes(Random& random, std::size_t count);

// Each digit equally likely (draws again instead of taking a remainder of an uneven range).
Secret RandomDigits(Random& random, int count);

}  // namespace sspr::service
