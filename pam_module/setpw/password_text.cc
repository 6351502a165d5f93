// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/password_text.h"

#include <utf8proc.h>

#include <cstdlib>

#include "common/base/text.h"
#include "common/base/wipe.h"

namespace sspr::setpw {
namespace {

// C0, DEL and C1: U+0080 to U+009F are C2 80 to C2 9F.
bool HasControlCharacter(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

// Compares code points, so that the composed text need not become a byte string.
bool IsNfc(std::string_view text) {
  constexpr std::size_t kRoom = Secret::kMaxSize * 4;
  utf8proc_int32_t composed[kRoom];
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  bool same = false;
  utf8proc_ssize_t count =
      utf8proc_decompose(bytes, size, composed, static_cast<utf8proc_ssize_t>(kRoom), options);
  if (count >= 0 && count <= static_cast<utf8proc_ssize_t>(kRoom)) {
    count = utf8proc_normalize_utf32(composed, count, options);
    same = count >= 0;
    utf8proc_ssize_t at = 0;
    for (utf8proc_ssize_t i = 0; same && i < count; ++i) {
      utf8proc_int32_t original = -1;
      const utf8proc_ssize_t used = utf8proc_iterate(bytes + at, size - at, &original);
      same = used > 0 && original == composed[i];
      at += used;
    }
    same = same && at == size;
  }
  Wipe(composed, sizeof composed);
  return same;
}

}  // namespace

std::optional<Rejection> CheckPasswordText(const Secret& password) {
  const std::string_view text = password.Reveal();
  if (text.empty()) return Rejection{RejectionReason::kTooWeak, "The password is empty"};
  if (!IsUtf8(text) || HasControlCharacter(text))
    return Rejection{RejectionReason::kNotTypable, ""};
  if (CountCodePoints(text) > kMaxPasswordCodePoints)
    return Rejection{RejectionReason::kTooLong, ""};
  if (!IsNfc(text)) return Rejection{RejectionReason::kNotTypable, ""};
  return std::nullopt;
}

}  // namespace sspr::setpw
