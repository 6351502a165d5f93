// SPDX-License-Identifier: Apache-2.0
// Where the exceptions of the store end, for an administrator.
#pragma once

#include <exception>

#include "common/base/result.h"

namespace sspr::service {

// What work returns; kInternal, with what the store said, when it throws.
template <typename Answer, typename Work>
Result<Answer> Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

}  // namespace sspr::service
