// SPDX-License-Identifier: Apache-2.0
// Pipes to and between our programs. Each has a name that nobody can have squatted on, takes one
// client, from this computer, and lets in whoever we run as and nobody else.
#pragma once

#include "credprov_win/dll/unique_handle.h"

namespace sspr {

// Our end can be waited for; the child's end is inherited and plain. False: neither end is there.
bool MakePipe(bool child_reads, UniqueHandle& ours, UniqueHandle& childs) noexcept;

// Both ways, from child to child: both ends are inherited and plain.
bool MakePipeBetween(UniqueHandle& one, UniqueHandle& other) noexcept;

}  // namespace sspr
