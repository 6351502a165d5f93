// SPDX-License-Identifier: Apache-2.0
#include "common/flow/password_rules.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>

#include "common/base/text.h"
#include "common/base/wipe.h"

namespace sspr {
namespace {

// A password as code points, wiped. 511 bytes are at most 511 code points; four times that has room
// for the decompositions on the way to NFC.
class CodePoints {
 public:
  CodePoints() = default;
  CodePoints(const CodePoints&) = delete;
  CodePoints& operator=(const CodePoints&) = delete;
  ~CodePoints() { Wipe(points_.data(), sizeof points_); }

  bool Read(std::string_view text) {
    count_ = 0;
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    auto left = static_cast<utf8proc_ssize_t>(text.size());
    while (left > 0) {
      if (count_ == points_.size()) return false;
      const utf8proc_ssize_t used = utf8proc_iterate(at, left, &points_[count_]);
      if (used <= 0) return false;
      ++count_;
      at += used;
      left -= used;
    }
    return true;
  }

  bool ReadNormalised(std::string_view text) {
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    const auto room = static_cast<utf8proc_ssize_t>(points_.size());
    const utf8proc_ssize_t decomposed = utf8proc_decompose(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()), points_.data(), room, options);
    if (decomposed < 0 || decomposed > room) return false;
    const utf8proc_ssize_t composed = utf8proc_normalize_utf32(points_.data(), decomposed, options);
    if (composed < 0) return false;
    count_ = static_cast<std::size_t>(composed);
    return true;
  }

  std::span<const utf8proc_int32_t> view() const { return {points_.data(), count_}; }

 private:
  std::array<utf8proc_int32_t, 4 * 511> points_{};
  std::size_t count_ = 0;
};

bool IsTypable(const Secret& password, const CodePoints& points) {
  for (const utf8proc_int32_t point : points.view()) {
    const utf8proc_category_t category = utf8proc_category(point);
    if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CS ||
        category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO ||
        category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP) {
      return false;
    }
  }
  CodePoints normalised;
  if (!normalised.ReadNormalised(password.Reveal())) return false;
  return std::ranges::equal(points.view(), normalised.view());
}

int KindsOf(std::span<const utf8proc_int32_t> points) {
  bool lower = false;
  bool upper = false;
  bool digit = false;
  bool other = false;
  for (const utf8proc_int32_t point : points) {
    const utf8proc_category_t category = utf8proc_category(point);
    if (category == UTF8PROC_CATEGORY_LL) {
      lower = true;
    } else if (category == UTF8PROC_CATEGORY_LU) {
      upper = true;
    } else if (category == UTF8PROC_CATEGORY_ND) {
      digit = true;
    } else {
      other = true;
    }
  }
  return int{lower} + int{upper} + int{digit} + int{other};
}

bool Contains(std::span<const utf8proc_int32_t> points, std::string_view part) {
  CodePoints wanted;
  if (!wanted.Read(part) || wanted.view().empty()) return false;
  const auto same = [](utf8proc_int32_t a, utf8proc_int32_t b) {
    return utf8proc_tolower(a) == utf8proc_tolower(b);
  };
  const auto part_points = wanted.view();
  return std::search(points.begin(), points.end(), part_points.begin(), part_points.end(), same) !=
         points.end();
}

}  // namespace

PasswordRules Tightened(PasswordRules rules) {
  rules.min_length = std::max(rules.min_length, kShortestPasswordEver);
  rules.max_length = std::min(rules.max_length, kLongestPasswordEver);
  rules.max_bytes = std::min(rules.max_bytes, kMostPasswordBytes);
  return rules;
}

std::optional<RuleBroken> FirstBroken(const PasswordRules& rules, const Secret& password) {
  CodePoints points;
  if (!IsUtf8(password.Reveal()) || !points.Read(password.Reveal()) ||
      !IsTypable(password, points)) {
    return RuleBroken::kUntypable;
  }
  const std::size_t length = points.view().size();
  if (length < static_cast<std::size_t>(std::max(rules.min_length, 0))) {
    return RuleBroken::kTooShort;
  }
  if (length > static_cast<std::size_t>(std::max(rules.max_length, 0)) ||
      password.size() > static_cast<std::size_t>(std::max(rules.max_bytes, 0))) {
    return RuleBroken::kTooLong;
  }
  if (KindsOf(points.view()) < rules.min_kinds) return RuleBroken::kTooFewKinds;
  for (const std::string& part : rules.forbidden_parts) {
    if (Contains(points.view(), part)) return RuleBroken::kForbiddenPart;
  }
  return std::nullopt;
}

}  // namespace sspr
