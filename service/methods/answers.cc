// SPDX-License-Identifier: Apache-2.0
#include "service/methods/answers.h"

#include <utf8proc.h>

#include <array>

#include "common/base/text.h"
#include "common/base/wipe.h"

namespace sspr::service {
namespace {

constexpr std::size_t kFewestLetters = 3;
constexpr std::size_t kMostLetters = 40;
// NFKC makes of one code point eighteen at most.
constexpr std::size_t kRoom = Secret::kMaxSize * 20;

bool IsWhite(utf8proc_int32_t code_point) {
  const utf8proc_category_t category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP || code_point == '\t';
}

// Code points, wiped when they go.
struct CodePoints {
  CodePoints() = default;
  CodePoints(const CodePoints&) = delete;
  CodePoints& operator=(const CodePoints&) = delete;
  ~CodePoints() { Wipe(all.data(), sizeof all); }
  std::array<utf8proc_int32_t, kRoom> all{};
};

bool Append(Secret& answer, utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t count = utf8proc_encode_char(code_point, bytes.data());
  const bool fits =
      answer.Append({reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count)});
  Wipe(bytes.data(), bytes.size());
  return fits;
}

}  // namespace

std::optional<Secret> NormalAnswer(const Secret& typed) {
  const std::string_view text = typed.Reveal();
  if (text.empty() || !IsUtf8(text)) return std::nullopt;
  constexpr auto kOptions = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  CodePoints points;
  utf8proc_ssize_t count =
      utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), points.all.data(),
                         static_cast<utf8proc_ssize_t>(points.all.size()), kOptions);
  if (count < 0 || count > static_cast<utf8proc_ssize_t>(points.all.size())) return std::nullopt;
  count = utf8proc_normalize_utf32(points.all.data(), count, kOptions);
  if (count < 0) return std::nullopt;

  std::optional<Secret> answer(std::in_place);
  std::size_t letters = 0;
  bool white = false;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const utf8proc_int32_t point = points.all[static_cast<std::size_t>(i)];
    if (IsWhite(point)) {
      white = letters > 0;
      continue;
    }
    if (white && !Append(*answer, ' ')) return std::nullopt;
    letters += white ? 2 : 1;
    white = false;
    if (!Append(*answer, point)) return std::nullopt;
  }
  if (letters < kFewestLetters || letters > kMostLetters) return std::nullopt;
  return answer;
}

Status CheckQuestion(std::string_view text) {
  const std::size_t letters = CountCodePoints(text);
  if (IsCleanText(text, Lines::kOne) && letters >= kFewestLetters &&
      letters <= kMostQuestionLetters) {
    return Ok();
  }
  return Error{Errc::kPolicy, "a question is 3 to 200 letters of one line"};
}

}  // namespace sspr::service
