// SPDX-License-Identifier: Apache-2.0
// Text of any length that is overwritten when it dies: what was read from /etc/shadow. For
// passwords there is Secret, which cannot be copied or printed at all.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/base/wipe.h"

namespace sspr::setpw {

class WipedText {
 public:
  // Room for capacity bytes: text that grows past it leaves copies in freed memory.
  explicit WipedText(std::size_t capacity) { text_.reserve(capacity); }
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  WipedText(WipedText&& other) noexcept { text_.swap(other.text_); }
  WipedText& operator=(WipedText&& other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~WipedText() { Wipe(text_.data(), text_.size()); }

  void Append(std::string_view more) { text_.append(more); }
  std::string_view View() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace sspr::setpw
