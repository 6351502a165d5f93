// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/machine/windows_event.h"

#include <array>

#include "common/base/text.h"

namespace sspr {

void WriteWindowsEvent(WORD kind, DWORD id, std::string_view message) {
  std::array<char, 900> line{};
  const std::size_t size = FilterForDisplay(message, Lines::kOne, {line.data(), line.size() - 1});
  std::array<wchar_t, 900> wide{};
  MultiByteToWideChar(CP_UTF8, 0, line.data(), static_cast<int>(size), wide.data(),
                      static_cast<int>(wide.size() - 1));
  const HANDLE log = RegisterEventSourceW(nullptr, L"SSPR Login");
  if (log == nullptr) return;
  const wchar_t* texts[] = {wide.data()};
  ReportEventW(log, kind, 0, id, nullptr, 1, 0, texts, nullptr);
  DeregisterEventSource(log);
}

}  // namespace sspr
