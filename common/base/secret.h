// SPDX-License-Identifier: Apache-2.0
// A password, a one-time code, or a body that holds one. Fixed capacity, stored inline, wiped when
// it dies or is moved from; it can be moved, never copied, printed, compared with == or grown.
//
// Reveal() is the one word to grep for in review. Not safe for use from two threads at once.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/wipe.h"

namespace sspr {

template <std::size_t Capacity>
class SecretBuffer {
 public:
  // Bytes that fit; one more is kept for a terminating NUL, so that Terminated() can exist.
  // NOLINTNEXTLINE(bugprone-dynamic-static-initializers): it is a constant
  static constexpr std::size_t kMaxSize = Capacity - 1;

  SecretBuffer() noexcept = default;
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  SecretBuffer(SecretBuffer&& other) noexcept { TakeFrom(other); }
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    if (this != &other) {
      Clear();
      TakeFrom(other);
    }
    return *this;
  }
  ~SecretBuffer() { Clear(); }

  // Nothing when the text does not fit: a secret is never truncated. The caller wipes the text.
  static std::optional<SecretBuffer> CopyOf(std::string_view text) noexcept {
    SecretBuffer made;
    if (!made.Append(text)) return std::nullopt;
    return made;
  }

  // False, and unchanged, when the text does not fit.
  [[nodiscard]] bool Append(std::string_view text) noexcept {
    if (text.size() > kMaxSize - size_) return false;
    if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
    size_ += text.size();
    bytes_[size_] = '\0';
    return true;
  }

  // Sets the size (at most kMaxSize, else false) so that Bytes() can be read() into.
  [[nodiscard]] bool Resize(std::size_t size) noexcept {
    if (size > kMaxSize) return false;
    if (size < size_) Wipe(bytes_ + size, size_ - size);
    size_ = size;
    bytes_[size_] = '\0';
    return true;
  }

  void Clear() noexcept {
    Wipe(bytes_, size_ + 1);
    size_ = 0;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  std::string_view Reveal() const noexcept { return {bytes_, size_}; }
  // For C interfaces; the text may hold a NUL before its end, which the caller must have refused.
  const char* RevealTerminated() const noexcept { return bytes_; }
  std::span<char> Bytes() noexcept { return {bytes_, size_}; }

  // Time depends on the sizes only.
  template <std::size_t Other>
  bool SameAs(const SecretBuffer<Other>& other) const noexcept {
    if (size_ != other.size()) return false;
    unsigned char difference = 0;
    const std::string_view theirs = other.Reveal();
    for (std::size_t i = 0; i < size_; ++i) {
      difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(bytes_[i]) ^
                                                            static_cast<unsigned char>(theirs[i])));
    }
    return difference == 0;
  }

 private:
  void TakeFrom(SecretBuffer& other) noexcept {
    std::memcpy(bytes_, other.bytes_, other.size_ + 1);
    size_ = other.size_;
    other.Clear();
  }

  std::size_t size_ = 0;
  char bytes_[Capacity] = {};
};

// What a person types: 511 bytes and the NUL, which is PAM_MAX_RESP_SIZE.
using Secret = SecretBuffer<512>;
// A request body that holds a secret, percent-encoded three to one at worst, beside tokens.
using SecretBody = SecretBuffer<8192>;

}  // namespace sspr
