// SPDX-License-Identifier: Apache-2.0
// What is known to hide the tile or to break a reset, looked up in the registry.
#pragma once

#include <string>
#include <vector>

namespace sspr {

struct Finding {
  enum class Kind { kFine, kNote, kProblem };
  Kind kind;
  std::string what;    // what was looked at, and what it is
  std::string advice;  // what to do; empty when there is nothing
};

// In the order in which a person should go through them.
std::vector<Finding> CheckEverything();

// Sets the count of unfinished starts back. False without the right to.
bool ForgetUnfinishedStarts();

}  // namespace sspr
