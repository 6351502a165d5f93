// SPDX-License-Identifier: Apache-2.0
#include "service/directory/utf16_password.h"

#include <utf8proc.h>

#include <array>
#include <bit>

namespace sspr::service {
namespace {

constexpr utf8proc_int32_t kFirstOfTwo = 0x10000;

// Calls use(code point) for each; false when the text is no UTF-8.
template <typename Use>
bool ForEachCodePoint(std::string_view text, Use use) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t point = 0;
    const utf8proc_ssize_t taken = utf8proc_iterate(at, left, &point);
    if (taken <= 0 || point < 0) return false;
    use(point);
    at += taken;
    left -= taken;
  }
  return true;
}

template <std::size_t Capacity>
bool AppendUnit(SecretBuffer<Capacity>& to, unsigned unit) {
  const std::array<char, 2> bytes = {static_cast<char>(unit & 0xFFU),
                                     static_cast<char>(unit >> 8U & 0xFFU)};
  return to.Append({bytes.data(), bytes.size()});
}

// Bits: one for each of the five kinds.
unsigned KindOf(utf8proc_int32_t point) {
  const utf8proc_category_t category = utf8proc_category(point);
  if (category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT) return 1;
  if (category == UTF8PROC_CATEGORY_LL) return 2;
  if (category == UTF8PROC_CATEGORY_ND) return 4;
  if (category == UTF8PROC_CATEGORY_LO || category == UTF8PROC_CATEGORY_LM) return 16;
  return 8;
}

}  // namespace

std::optional<Utf16Password> Utf16Of(const Secret& password) {
  Utf16Password made;
  bool fits = !password.empty() && AppendUnit(made, '"');
  const bool is_text = ForEachCodePoint(password.Reveal(), [&](utf8proc_int32_t point) {
    const auto value = static_cast<unsigned>(point);
    if (point == 0) fits = false;
    if (point < kFirstOfTwo) {
      fits = fits && AppendUnit(made, value);
      return;
    }
    const unsigned rest = value - static_cast<unsigned>(kFirstOfTwo);
    fits = fits && AppendUnit(made, 0xD800U | rest >> 10U) &&
           AppendUnit(made, 0xDC00U | (rest & 0x3FFU));
  });
  fits = fits && is_text && AppendUnit(made, '"');
  if (!fits) return std::nullopt;
  return made;
}

PasswordShape ShapeOf(const Secret& password) {
  PasswordShape shape;
  unsigned kinds = 0;
  ForEachCodePoint(password.Reveal(), [&](utf8proc_int32_t point) {
    shape.code_units += point < kFirstOfTwo ? 1U : 2U;
    kinds |= KindOf(point);
  });
  shape.kinds = std::popcount(kinds);
  return shape;
}

}  // namespace sspr::service
