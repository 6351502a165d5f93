// SPDX-License-Identifier: Apache-2.0
// GUIDs by OpenSSL's random generator.
#include "service/api/guid.h"

#include <openssl/rand.h>

#include <array>
#include <new>

namespace sspr::service {
namespace {

using Bytes = std::array<unsigned char, 16>;

std::string Format(Bytes bytes, unsigned version) {
  static constexpr char kDigits[] = "0123456789abcdef";
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | (version << 4));
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace

std::string NewGuid() {
  Bytes bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::bad_alloc();
  return Format(bytes, 4);
}

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen_place = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen_place ? c != '-' : !hex) return false;
  }
  return true;
}

std::string GuidOf(std::string_view sixteen_bytes) {
  Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size() && i < sixteen_bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(sixteen_bytes[i]);
  }
  return Format(bytes, 8);
}

}  // namespace sspr::service
