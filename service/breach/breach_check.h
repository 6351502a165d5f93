// SPDX-License-Identifier: Apache-2.0
// Whether a password is in a list of those that leaked elsewhere. Implementations: BreachFilter (a
// file) and RangeService (a service that is asked for the beginning of a digest); BreachChecks asks
// all that are configured.
#pragma once

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

class BreachCheck {
 public:
  BreachCheck() = default;
  BreachCheck(const BreachCheck&) = delete;
  BreachCheck& operator=(const BreachCheck&) = delete;
  virtual ~BreachCheck() = default;

  // Errors: kUnreachable, kTimedOut, kProtocol: nothing is known. Safe from several threads at
  // once; may block.
  virtual Result<bool> IsBreached(const Secret& password) = 0;
};

}  // namespace sspr::service
