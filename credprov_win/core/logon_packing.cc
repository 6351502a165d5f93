// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/core/logon_packing.h"

#include <algorithm>

namespace sspr {
namespace {

// UNICODE_STRING: Length and MaximumLength in bytes (u16), four bytes of padding, the address.
constexpr std::size_t kFirstString = 8;  // behind MessageType and its padding
constexpr std::size_t kStringBytes = 16;
constexpr std::size_t kAddressAt = 8;
constexpr std::size_t kMostUnits = 0xFFFE / 2;

void Put(std::span<unsigned char> out, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out[at + i] = static_cast<unsigned char>((value >> (8 * i)) & 0xFF);
  }
}

}  // namespace

std::size_t PackedLogonBytes(const LogonTexts& texts) noexcept {
  std::size_t bytes = kLogonHeadBytes;
  for (const std::u16string_view text : {texts.domain, texts.user, texts.password}) {
    if (text.size() > kMostUnits) return 0;
    bytes += 2 * text.size();
  }
  return bytes;
}

bool PackLogon(LogonKind kind, const LogonTexts& texts, std::span<unsigned char> out) noexcept {
  const std::size_t bytes = PackedLogonBytes(texts);
  if (bytes == 0 || out.size() != bytes) return false;
  std::fill_n(out.begin(), kLogonHeadBytes, static_cast<unsigned char>(0));
  Put(out, 0, static_cast<std::uint32_t>(kind), 4);
  std::size_t string_at = kFirstString;
  std::size_t text_at = kLogonHeadBytes;
  for (const std::u16string_view text : {texts.domain, texts.user, texts.password}) {
    const std::size_t length = 2 * text.size();
    Put(out, string_at, length, 2);
    Put(out, string_at + 2, length, 2);
    Put(out, string_at + kAddressAt, text_at, 8);
    for (const char16_t unit : text) {
      Put(out, text_at, unit, 2);
      text_at += 2;
    }
    string_at += kStringBytes;
  }
  return true;  // the LogonId behind the strings stays zero: Winlogon fills it in
}

}  // namespace sspr
