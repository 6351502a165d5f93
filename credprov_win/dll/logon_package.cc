// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/logon_package.h"

#include "credprov_win/dll/credential_provider.h"

namespace sspr {

bool FindLogonPackage(ULONG& package) noexcept {
  HANDLE lsa = nullptr;
  if (LsaConnectUntrusted(&lsa) != 0) return false;
  char name[] = "Negotiate";
  LSA_STRING package_name{sizeof name - 1, sizeof name, name};
  const NTSTATUS found = LsaLookupAuthenticationPackage(lsa, &package_name, &package);
  LsaDeregisterLogonProcess(lsa);
  return found == 0;
}

}  // namespace sspr
