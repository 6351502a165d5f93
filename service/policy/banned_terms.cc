// SPDX-License-Identifier: Apache-2.0
#include "service/policy/banned_terms.h"

#include <utf8proc.h>

#include <algorithm>

#include "common/base/wipe.h"
#include "service/policy/common_terms.h"

namespace sspr::service {
namespace {

constexpr int kPointsNeeded = 5;
constexpr std::size_t kShortestTerm = 4;
constexpr std::size_t kLongestTerm = 32;

// Code points, wiped when they go.
class Letters {
 public:
  // folded is valid UTF-8.
  explicit Letters(std::string_view folded) {
    all_.reserve(folded.size());
    while (!folded.empty()) {
      utf8proc_int32_t point = 0;
      const utf8proc_ssize_t used =
          utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(folded.data()),
                           static_cast<utf8proc_ssize_t>(folded.size()), &point);
      if (used <= 0) break;
      folded.remove_prefix(static_cast<std::size_t>(used));
      all_.push_back(Normal(point));
    }
  }
  Letters(const Letters&) = delete;
  Letters& operator=(const Letters&) = delete;
  ~Letters() { Wipe(all_.data(), all_.size() * sizeof(char32_t)); }
  std::u32string_view view() const { return all_; }

 private:
  static char32_t Normal(utf8proc_int32_t point) {
    switch (point) {
      case '0':
        return U'o';
      case '1':
        return U'l';
      case '$':
        return U's';
      case '@':
        return U'a';
      default:
        return static_cast<char32_t>(point);
    }
  }
  std::u32string all_;
};

// Terms are ASCII mostly; others are compared by code point too.
std::u32string Points(std::string_view term) { return std::u32string(Letters(term).view()); }

// Those that are shipped, made once: each new password is held against all of them.
const std::vector<std::u32string>& CommonPoints() {
  static const std::vector<std::u32string> kAll = [] {
    std::vector<std::u32string> all;
    for (const std::string_view term : CommonTerms()) all.push_back(Points(term));
    return all;
  }();
  return kAll;
}

bool MatchesWithOneChanged(std::u32string_view text, std::u32string_view term) {
  int changed = 0;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (text[i] != term[i] && ++changed > 1) return false;
  }
  return true;
}

// Whether longer without one of its characters is shorter.
bool IsOneLonger(std::u32string_view longer, std::u32string_view shorter) {
  if (longer.size() != shorter.size() + 1) return false;
  std::size_t i = 0;
  while (i < shorter.size() && longer[i] == shorter[i]) ++i;
  return longer.substr(i + 1) == shorter.substr(i);
}

class Scorer {
 public:
  explicit Scorer(std::u32string_view text) : text_(text), best_(text.size() + 1) {
    for (std::size_t i = 0; i < best_.size(); ++i) best_[i] = static_cast<int>(i);
  }
  // Notes where the term stands in the text.
  void Add(std::u32string_view term) {
    if (IsOneLonger(text_, term) || IsOneLonger(term, text_)) is_one_away_ = true;
    if (term.size() > text_.size()) return;
    for (std::size_t i = 0; i + term.size() <= text_.size(); ++i) {
      if (MatchesWithOneChanged(text_.substr(i), term)) spans_.push_back({i, i + term.size()});
    }
  }
  bool is_one_away() const { return is_one_away_; }
  int Points() {
    std::ranges::sort(spans_, {}, &Span::end);
    auto span = spans_.begin();
    for (std::size_t end = 1; end < best_.size(); ++end) {
      best_[end] = best_[end - 1] + 1;
      for (; span != spans_.end() && span->end == end; ++span) {
        best_[end] = std::min(best_[end], best_[span->begin] + 1);
      }
    }
    return best_.back();
  }

 private:
  struct Span {
    std::size_t begin, end;
  };
  std::u32string_view text_;
  std::vector<int> best_;  // fewest points of the first characters
  std::vector<Span> spans_;
  bool is_one_away_ = false;
};

}  // namespace

Result<std::string> NormalTerm(std::string_view folded) {
  const Letters letters(folded);
  if (letters.view().size() < kShortestTerm || letters.view().size() > kLongestTerm) {
    return Error{Errc::kPolicy, "a banned word has 4 to 32 characters"};
  }
  std::string term;
  for (const char32_t letter : letters.view()) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t count =
        utf8proc_encode_char(static_cast<utf8proc_int32_t>(letter), bytes);
    term.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
  return term;
}

bool IsMadeOfBannedTerms(std::string_view folded, const std::vector<std::string>& custom) {
  const Letters letters(folded);
  Scorer scorer(letters.view());
  for (const std::u32string& term : CommonPoints()) scorer.Add(term);
  for (const std::string& term : custom) scorer.Add(Points(term));
  return scorer.is_one_away() || scorer.Points() < kPointsNeeded;
}

bool ContainsWord(std::string_view folded, std::string_view folded_word) {
  if (folded.find(folded_word) != std::string_view::npos) return true;
  const Letters text(folded);
  const Letters word(folded_word);
  return text.view().find(word.view()) != std::u32string_view::npos;
}

}  // namespace sspr::service
