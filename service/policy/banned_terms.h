// SPDX-License-Identifier: Apache-2.0
// Words that are too common to make a password of, scored as Microsoft documents it for Entra
// password protection (docs/administration.md, "Banned words"): the password is brought to one form
// (small letters; 0 o, 1 l, $ s, @ a), each banned word in it counts one point, each other
// character one, and five points are needed. The cheapest way to read it counts. Words of a list
// match with one letter changed; a whole password that is one insertion or deletion away from a
// word is refused as well.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace sspr::service {

inline constexpr std::size_t kMostBannedTerms = 1000;  // of an organisation's own

// The form in which a term is kept and compared, of folded text. kPolicy, with a sentence, when it
// does not have 4 to 32 characters.
Result<std::string> NormalTerm(std::string_view folded);

// Whether the password is refused; it is folded (NFKC, case). custom are normal terms of the
// organisation; the list that is shipped always counts.
bool IsMadeOfBannedTerms(std::string_view folded, const std::vector<std::string>& custom);

// Whether the word, folded, is in the password as it is or in its normal form.
bool ContainsWord(std::string_view folded, std::string_view folded_word);

}  // namespace sspr::service
