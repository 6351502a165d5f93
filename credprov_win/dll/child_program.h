// SPDX-License-Identifier: Apache-2.0
// A program of ours as a child of the login screen: alone in a job that ends with us, without
// privileges, on no desktop of ours, with nothing inherited but its standard handles.
#pragma once

#include "credprov_win/dll/unique_handle.h"

namespace sspr {

enum class Rights {
  kLocalService,  // those of any user
  kOwn,           // ours, which are the system's; no privileges all the same
};

// Null: no handle of that name. Each is inheritable.
struct StandardHandles {
  HANDLE input = nullptr;
  HANDLE output = nullptr;
  HANDLE error = nullptr;
};

// A job for one process, which ends when the last handle to the job is closed. Empty when there is
// none.
UniqueHandle MakeJob() noexcept;

// program: a full path. Empty: nothing runs.
UniqueHandle StartInJob(HANDLE job, const wchar_t* program, Rights rights,
                        const StandardHandles& handles) noexcept;

}  // namespace sspr
