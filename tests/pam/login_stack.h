// SPDX-License-Identifier: Apache-2.0
// The stack, the login and the reset that the tests of the module share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/pam/pam_host.h"

namespace sspr::test {

extern Scratch* scratch;  // made before main drops privileges

inline constexpr char kNormalPrompt[] = "Password: ";
inline constexpr char kOurPrompt[] = "Password (empty if forgotten): ";

// A stack in Debian's shape: our module with these words on its line, then the password module with
// a jump over pam_deny.
void WriteStack(const std::string& service, const std::string& words = "");

// A stack that asks for a password, offers a reset when it is refused, and decides about the new
// one.
void WriteFailureStack(const std::string& service);

// One attempt at the service "login".
int Login(std::vector<Line> lines, const std::string& user = "alice", int flags = 0,
          const std::map<int, std::string>& items = {});

// A whole reset in which the person chooses "right" as the new password.
void PlayReset(Peer& peer);
std::vector<Line> LinesOfReset(Line trigger);

}  // namespace sspr::test
