// SPDX-License-Identifier: Apache-2.0
// One login through a PAM service, as a login program would hold it.
#pragma once

#include <string>

namespace sspr {

enum class Login {
  kAccepted,  // authenticated, and the account may log in
  kRefused,   // a password was asked for and refused
  kBroken,    // no question, no end of questions, or an answer that is neither yes nor no
};

struct LoginAnswer {
  Login login = Login::kBroken;
  std::string detail;  // PAM's word for it
};

// Blocks as long as the modules do. Gives this password to each question that hides the answer, and
// an empty answer to all others.
LoginAnswer TryLogin(const std::string& service, const std::string& user,
                     const std::string& password);

}  // namespace sspr
