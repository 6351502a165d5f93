// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/base64url.h"

namespace sspr {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHexDigits = "0123456789abcdef";

int HexValue(char c) {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  const std::size_t at = kHexDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string Base64Url(std::span<const unsigned char> bytes) {
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += kAlphabet[(held >> bits) & 0x3F];
    }
  }
  if (bits > 0) text += kAlphabet[(held << (6 - bits)) & 0x3F];
  return text;
}

bool FromBase64Url(std::string_view text, std::span<unsigned char> out) {
  if (text.size() != (out.size() * 8 + 5) / 6) return false;
  unsigned held = 0;
  int bits = 0;
  std::size_t written = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    held = (held << 6) | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[written++] = static_cast<unsigned char>((held >> bits) & 0xFF);
    }
  }
  const unsigned left_over = held & ((1u << bits) - 1);
  return written == out.size() && left_over == 0;
}

std::string Hex(std::span<const unsigned char> bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 0x0F];
  }
  return text;
}

bool FromHex(std::string_view text, std::span<unsigned char> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

}  // namespace sspr
