// SPDX-License-Identifier: Apache-2.0
// The provider: which tiles there are. One for each user that LogonUI shows whose password a
// service may know, and one for "other user" where LogonUI shows none, or takes other names too.
#pragma once

#include <atomic>

#include "credprov_win/dll/credential.h"
#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/module.h"
#include "credprov_win/dll/texts.h"

namespace sspr {

class Provider final : public ICredentialProvider, public ICredentialProviderSetUserArray {
 public:
  // Null when memory is short.
  static Provider* Make() noexcept;

  STDMETHODIMP QueryInterface(REFIID iid, void** object) noexcept override;
  STDMETHODIMP_(ULONG) AddRef() noexcept override;
  STDMETHODIMP_(ULONG) Release() noexcept override;

  STDMETHODIMP SetUsageScenario(CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario,
                                DWORD flags) noexcept override;
  STDMETHODIMP SetSerialization(
      const CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) noexcept override;
  STDMETHODIMP Advise(ICredentialProviderEvents* events, UINT_PTR context) noexcept override;
  STDMETHODIMP UnAdvise() noexcept override;
  STDMETHODIMP GetFieldDescriptorCount(DWORD* count) noexcept override;
  STDMETHODIMP GetFieldDescriptorAt(
      DWORD index, CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR** descriptor) noexcept override;
  STDMETHODIMP GetCredentialCount(DWORD* count, DWORD* default_credential,
                                  BOOL* auto_logon) noexcept override;
  STDMETHODIMP GetCredentialAt(DWORD index,
                               ICredentialProviderCredential** credential) noexcept override;
  STDMETHODIMP SetUserArray(ICredentialProviderUserArray* users) noexcept override;

 private:
  static constexpr DWORD kMostTiles = 64;

  Provider() noexcept;
  ~Provider();
  void MakeTiles() noexcept;
  void MakeTileOf(ICredentialProviderUser* user) noexcept;
  void DropTiles() noexcept;

  const ModuleLock module_;
  const TileLanguage language_;
  std::atomic<ULONG> references_{1};
  CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario_ = CPUS_INVALID;
  ICredentialProviderUserArray* users_ = nullptr;
  bool tiles_made_ = false;
  DWORD tile_count_ = 0;
  Credential* tiles_[kMostTiles] = {};
};

}  // namespace sspr
