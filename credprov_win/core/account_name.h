// SPDX-License-Identifier: Apache-2.0
// A user name as Windows shows or takes it, split for the logon: "DOMAIN\user", "user@domain",
// "user", ".\user".
#pragma once

#include <string_view>

namespace sspr {

enum class AccountHome {
  kDirectory,  // a domain's, Entra ID's, or not named
  kComputer,   // this computer itself
  kMicrosoft,  // Microsoft's for consumers
};

struct AccountName {
  std::wstring_view domain;  // empty: none was named
  std::wstring_view user;    // empty: this is no name
  AccountHome home = AccountHome::kDirectory;
};

// computer is this computer's NetBIOS name. Points into name.
AccountName SplitAccountName(std::wstring_view name, std::wstring_view computer) noexcept;

}  // namespace sspr
