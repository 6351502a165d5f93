// SPDX-License-Identifier: Apache-2.0
#include "common/base/text.h"

#include <cstdint>
#include <cstring>

namespace sspr {
namespace {

struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;  // 1 and invalid when the bytes are no code point
  bool valid;
};

// RFC 3629, section 4.
CodePoint Next(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) {
    return i < text.size() && (byte(i) & 0xC0u) == 0x80u;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead >= 0xC2 && lead <= 0xDF && continues(1)) {
    return {((lead & 0x1Fu) << 6) | (byte(1) & 0x3Fu), 2, true};
  }
  if ((lead & 0xF0u) == 0xE0u && continues(1) && continues(2)) {
    const std::uint32_t value =
        ((lead & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
    if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF)) return {value, 3, true};
  }
  if (lead >= 0xF0 && lead <= 0xF4 && continues(1) && continues(2) && continues(3)) {
    const std::uint32_t value = ((lead & 0x07u) << 18) | ((byte(1) & 0x3Fu) << 12) |
                                ((byte(2) & 0x3Fu) << 6) | (byte(3) & 0x3Fu);
    if (value >= 0x10000 && value <= 0x10FFFF) return {value, 4, true};
  }
  return {lead, 1, false};
}

bool IsShowable(std::uint32_t c, Lines lines) noexcept {
  if (c == '\n') return lines == Lines::kMany;
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;  // C0, DEL, C1
  if (c == 0x061C || c == 0x200E || c == 0x200F) return false;
  if (c >= 0x2028 && c <= 0x202E) return false;  // separators, embeddings and overrides
  if (c >= 0x2066 && c <= 0x2069) return false;  // isolates
  if (c == 0xFEFF || c == 0xFFFE || c == 0xFFFF) return false;
  return true;
}

}  // namespace

bool IsUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const CodePoint c = Next(text);
    if (!c.valid) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

bool IsCleanText(std::string_view text, Lines lines) noexcept {
  if (text.size() > kMaxTextBytes) return false;
  while (!text.empty()) {
    const CodePoint c = Next(text);
    if (!c.valid || !IsShowable(c.value, lines)) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

std::size_t FilterForDisplay(std::string_view text, Lines lines, std::span<char> out) noexcept {
  std::size_t written = 0;
  while (!text.empty()) {
    const CodePoint c = Next(text);
    const bool keep = c.valid && IsShowable(c.value, lines);
    const std::size_t needed = keep ? c.bytes : 1;
    if (needed > out.size() - written) break;
    if (keep) {
      std::memcpy(out.data() + written, text.data(), c.bytes);
    } else {
      out[written] = '?';
    }
    written += needed;
    text.remove_prefix(c.bytes);
  }
  return written;
}

void BreakLines(std::span<char> text, std::size_t columns) noexcept {
  std::size_t column = 0;
  std::size_t space = text.size();  // the last one on this line
  std::size_t column_after_space = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) == 0x80u) continue;  // inside a code point
    if (text[i] == '\n') {
      column = 0;
      space = text.size();
      continue;
    }
    if (text[i] == ' ') {
      space = i;
      column_after_space = column + 1;
    }
    ++column;
    if (column > columns && space < text.size()) {
      text[space] = '\n';
      column -= column_after_space;
      space = text.size();
    }
  }
}

std::size_t CountCodePoints(std::string_view text) noexcept {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(Next(text).bytes);
    ++count;
  }
  return count;
}

bool IsCarriableUserName(std::string_view name) noexcept {
  if (name.empty() || name.size() > 255 || name[0] == '-' || name[0] == '.') return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool mark = c == '.' || c == '_' || c == '@' || c == '+' || c == '-' || c == '\\';
    if (!letter && !mark) return false;
  }
  return true;
}

}  // namespace sspr
