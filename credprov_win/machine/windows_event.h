// SPDX-License-Identifier: Apache-2.0
// One event of the source "SSPR Login" in the log "Application". What steers a terminal or a viewer
// (control characters, turns of direction) does not get into it, whoever chose the words.
#pragma once

#include <windows.h>

#include <string_view>

namespace sspr {

// kind: EVENTLOG_INFORMATION_TYPE, ... message: UTF-8, cut behind 900 bytes.
void WriteWindowsEvent(WORD kind, DWORD id, std::string_view message);

}  // namespace sspr
