// SPDX-License-Identifier: Apache-2.0
// Text as COM passes it, and between UTF-8 and UTF-16, without exceptions.
#pragma once

#include <windows.h>
// After windows.h.
#include <objbase.h>

#include <string_view>

#include "common/base/secret.h"
#include "common/base/wipe.h"
#include "credprov_win/core/wide_text.h"

namespace sspr {

// Allocated with CoTaskMemAlloc: the caller of the method frees it.
inline HRESULT CopyForCom(std::wstring_view text, LPWSTR* out) noexcept {
  const std::size_t bytes = (text.size() + 1) * sizeof(wchar_t);
  auto* made = static_cast<LPWSTR>(CoTaskMemAlloc(bytes));
  if (made == nullptr) return E_OUTOFMEMORY;
  for (std::size_t i = 0; i < text.size(); ++i) made[i] = text[i];
  made[text.size()] = 0;
  *out = made;
  return S_OK;
}

// Appends UTF-8 as UTF-16. False, and unchanged, when it is not UTF-8 or does not fit.
template <std::size_t Capacity>
bool AppendUtf8(std::string_view text, WideText<Capacity>& out) noexcept {
  if (text.empty()) return true;
  wchar_t wide[1024];
  const int units =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text.data(), static_cast<int>(text.size()),
                          wide, static_cast<int>(sizeof wide / sizeof wide[0]));
  const bool fits = units > 0 && out.Append({wide, static_cast<std::size_t>(units)});
  Wipe(wide, sizeof wide);
  return fits;
}

// False, and empty, when it is not UTF-16 or does not fit.
inline bool ToUtf8(std::wstring_view text, Secret& out) noexcept {
  out.Clear();
  if (text.empty()) return true;
  char narrow[Secret::kMaxSize];
  const int bytes =
      WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text.data(), static_cast<int>(text.size()),
                          narrow, static_cast<int>(sizeof narrow), nullptr, nullptr);
  const bool fits = bytes > 0 && out.Append({narrow, static_cast<std::size_t>(bytes)});
  Wipe(narrow, sizeof narrow);
  return fits;
}

}  // namespace sspr
