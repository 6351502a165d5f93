// SPDX-License-Identifier: Apache-2.0
// Answers to security questions, in the one form in which they are hashed and compared: case, white
// space and the ways to write a letter make no difference.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

inline constexpr std::size_t kMostQuestionLetters = 200;

// Unicode NFKC with case folding, white space at the ends left out and runs of it made one space;
// nothing when it is not UTF-8, or what is left has fewer than 3 or more than 40 code points.
std::optional<Secret> NormalAnswer(const Secret& typed);

// A sentence for whoever registers it when the question is not 3 to 200 letters of one line.
Status CheckQuestion(std::string_view text);

}  // namespace sspr::service
