// SPDX-License-Identifier: Apache-2.0
// UTF-16 text of a fixed capacity, stored inline and wiped: what a person typed, or what is shown
// beside it. No heap, no exceptions: it lives in a login process.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/base/wipe.h"

namespace sspr {

template <std::size_t Capacity>
class WideText {
 public:
  WideText() noexcept = default;
  WideText(const WideText&) = delete;
  WideText& operator=(const WideText&) = delete;
  ~WideText() { Clear(); }

  // False, and empty, when the text does not fit: it is never cut.
  bool Assign(std::wstring_view text) noexcept {
    Clear();
    return Append(text);
  }
  // False, and unchanged, when the text does not fit.
  bool Append(std::wstring_view text) noexcept {
    if (text.size() > Capacity - 1 - size_) return false;
    for (const wchar_t c : text) text_[size_++] = c;
    text_[size_] = 0;
    return true;
  }
  void Clear() noexcept {
    Wipe(text_, sizeof text_);
    size_ = 0;
  }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  std::wstring_view view() const noexcept { return {text_, size_}; }
  const wchar_t* c_str() const noexcept { return text_; }

 private:
  std::size_t size_ = 0;
  wchar_t text_[Capacity] = {};
};

}  // namespace sspr
