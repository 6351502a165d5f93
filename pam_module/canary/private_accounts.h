// SPDX-License-Identifier: Apache-2.0
// An account that nobody else sees: this process moves into a mount namespace of its own, in which
// the account files are copies with one more line. Nothing of it stays when the process ends.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr {

struct CanaryAccount {
  std::string name;
  std::string password;
};

// A name that no account has, and a random password. kInternal when the machine cannot tell.
Result<CanaryAccount> InventAccount();

// folder: an empty one, which copies are laid into (in memory). From now on this process and its
// children see the account, have no network, and write no tally of failed logins. Needs root and
// the right to make namespaces; kUnreachable, with the reason, where a container forbids it.
Status EnterPrivateAccounts(const std::string& folder, const CanaryAccount& account);

}  // namespace sspr
