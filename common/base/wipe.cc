// SPDX-License-Identifier: Apache-2.0
#include "common/base/wipe.h"

#include <string.h>

namespace sspr {

#if defined(_WIN32)
void Wipe(void* memory, std::size_t size) noexcept {
  volatile char* p = static_cast<volatile char*>(memory);
  while (size-- > 0) *p++ = 0;
}
#else
void Wipe(void* memory, std::size_t size) noexcept { explicit_bzero(memory, size); }
#endif

}  // namespace sspr
