// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/core/account_name.h"

namespace sspr {
namespace {

// Names of computers are ASCII (NetBIOS); others are never equal to one.
wchar_t Lower(wchar_t c) noexcept {
  return c >= L'A' && c <= L'Z' ? static_cast<wchar_t>(c - L'A' + L'a') : c;
}

bool SameName(std::wstring_view a, std::wstring_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

}  // namespace

AccountName SplitAccountName(std::wstring_view name, std::wstring_view computer) noexcept {
  const std::size_t slash = name.find(L'\\');
  if (slash == std::wstring_view::npos) return {{}, name};
  AccountName account{name.substr(0, slash), name.substr(slash + 1)};
  if (account.domain.empty() || account.user.find(L'\\') != std::wstring_view::npos) return {};
  if (account.domain == L"." || SameName(account.domain, computer)) {
    account.home = AccountHome::kComputer;
  } else if (SameName(account.domain, L"MicrosoftAccount")) {
    account.home = AccountHome::kMicrosoft;
  }
  return account;
}

}  // namespace sspr
