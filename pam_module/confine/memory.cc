// SPDX-License-Identifier: Apache-2.0
#include "pam_module/confine/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace sspr {

Status KeepOutOfSwap() {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  rlimit limit{};
  if (setrlimit(RLIMIT_MEMLOCK, &all) != 0 &&
      (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY)) {
    return Ok();
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    return Error{Errc::kInternal, std::string("mlockall: ") + std::strerror(errno)};
  }
  return Ok();
}

}  // namespace sspr
