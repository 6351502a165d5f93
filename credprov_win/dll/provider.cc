// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/provider.h"

#include <new>
#include <utility>

#include "credprov_win/core/account_name.h"
#include "credprov_win/dll/com_text.h"
#include "credprov_win/dll/fields.h"
#include "credprov_win/dll/registry.h"

namespace sspr {
namespace {

// PKEY_Identity_QualifiedUserName of propkey.h: DOMAIN\user.
constexpr PROPERTYKEY kQualifiedUserName = {
    {0xda520e51, 0xf4e9, 0x4739, {0xac, 0x82, 0x02, 0xe0, 0xa9, 0x5c, 0x90, 0x30}}, 100};

// Where Remote Desktop shows the login screen of this computer, whoever sits before the other one
// may be anybody.
bool IsRemote() noexcept {
  return GetSystemMetrics(SM_REMOTESESSION) != 0 && PolicyNumber(L"AllowRemote", 0) == 0;
}

class ComText {
 public:
  ComText() noexcept = default;
  ~ComText() { CoTaskMemFree(text_); }
  ComText(const ComText&) = delete;
  ComText& operator=(const ComText&) = delete;
  LPWSTR* Fill() noexcept { return &text_; }
  std::wstring_view view() const noexcept { return text_ != nullptr ? text_ : L""; }

 private:
  LPWSTR text_ = nullptr;
};

// Is it one whose password a service can set?
bool IsServed(std::wstring_view name) noexcept {
  wchar_t computer[MAX_COMPUTERNAME_LENGTH + 1] = {};
  DWORD size = MAX_COMPUTERNAME_LENGTH + 1;
  if (!GetComputerNameW(computer, &size)) size = 0;
  switch (SplitAccountName(name, {computer, size}).home) {
    case AccountHome::kDirectory:
      return true;
    case AccountHome::kComputer:
      return ServesOwnAccounts();
    case AccountHome::kMicrosoft:
      break;
  }
  return false;
}

}  // namespace

Provider* Provider::Make() noexcept { return new (std::nothrow) Provider(); }

Provider::Provider() noexcept : language_(TileLanguageOf(GetUserDefaultUILanguage())) {}

Provider::~Provider() {
  DropTiles();
  if (users_ != nullptr) users_->Release();
}

STDMETHODIMP Provider::QueryInterface(REFIID iid, void** object) noexcept {
  if (object == nullptr) return E_POINTER;
  *object = nullptr;
  if (iid == IID_IUnknown || iid == __uuidof(ICredentialProvider)) {
    *object = static_cast<ICredentialProvider*>(this);
  } else if (iid == __uuidof(ICredentialProviderSetUserArray)) {
    *object = static_cast<ICredentialProviderSetUserArray*>(this);
  } else {
    return E_NOINTERFACE;
  }
  AddRef();
  return S_OK;
}

STDMETHODIMP_(ULONG) Provider::AddRef() noexcept { return ++references_; }

STDMETHODIMP_(ULONG) Provider::Release() noexcept {
  const ULONG left = --references_;
  if (left == 0) delete this;
  return left;
}

STDMETHODIMP Provider::SetUsageScenario(CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario,
                                        DWORD) noexcept {
  switch (scenario) {
    case CPUS_LOGON:
    case CPUS_UNLOCK_WORKSTATION:
      if (IsRemote()) return E_NOTIMPL;
      scenario_ = scenario;
      return S_OK;
    case CPUS_CHANGE_PASSWORD:
    case CPUS_CREDUI:
    case CPUS_PLAP:
    case CPUS_INVALID:
      return E_NOTIMPL;
  }
  return E_INVALIDARG;
}

STDMETHODIMP Provider::SetSerialization(
    const CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION*) noexcept {
  return E_NOTIMPL;
}

// Nothing ever changes of itself, so there is nobody to tell.
STDMETHODIMP Provider::Advise(ICredentialProviderEvents*, UINT_PTR) noexcept { return S_OK; }

STDMETHODIMP Provider::UnAdvise() noexcept {
  StartFinished();
  return S_OK;
}

STDMETHODIMP Provider::GetFieldDescriptorCount(DWORD* count) noexcept {
  if (count == nullptr) return E_POINTER;
  *count = kFieldCount;
  return S_OK;
}

STDMETHODIMP Provider::GetFieldDescriptorAt(
    DWORD index, CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR** descriptor) noexcept {
  if (descriptor == nullptr) return E_POINTER;
  *descriptor = nullptr;
  const FieldEntry* entry = EntryOf(index);
  return entry != nullptr ? DescriptorOf(*entry, language_, descriptor) : E_INVALIDARG;
}

STDMETHODIMP Provider::SetUserArray(ICredentialProviderUserArray* users) noexcept {
  if (users != nullptr) users->AddRef();
  if (auto* before = std::exchange(users_, users)) before->Release();
  DropTiles();
  return S_OK;
}

void Provider::DropTiles() noexcept {
  while (tile_count_ > 0) tiles_[--tile_count_]->Release();
  tiles_made_ = false;
}

void Provider::MakeTileOf(ICredentialProviderUser* user) noexcept {
  ComText name;
  ComText sid;
  if (FAILED(user->GetStringValue(kQualifiedUserName, name.Fill())) ||
      FAILED(user->GetSid(sid.Fill())) || name.view().empty() || sid.view().empty() ||
      !IsServed(name.view())) {
    return;  // it has no tile of ours
  }
  Credential* tile = Credential::Make(name.view(), sid.view(), scenario_, language_);
  if (tile != nullptr) tiles_[tile_count_++] = tile;
}

void Provider::MakeTiles() noexcept {
  DropTiles();
  tiles_made_ = true;
  DWORD users = 0;
  CREDENTIAL_PROVIDER_ACCOUNT_OPTIONS options = CPAO_NONE;
  if (users_ != nullptr) {
    if (FAILED(users_->GetCount(&users))) users = 0;
    if (FAILED(users_->GetAccountOptions(&options))) options = CPAO_NONE;
  }
  for (DWORD i = 0; i < users && tile_count_ + 1 < kMostTiles; ++i) {
    ICredentialProviderUser* user = nullptr;
    if (FAILED(users_->GetAt(i, &user)) || user == nullptr) continue;
    MakeTileOf(user);
    user->Release();
  }
  if (users == 0 || options != CPAO_NONE) {
    Credential* other = Credential::Make({}, {}, scenario_, language_);
    if (other != nullptr) tiles_[tile_count_++] = other;
  }
}

STDMETHODIMP Provider::GetCredentialCount(DWORD* count, DWORD* default_credential,
                                          BOOL* auto_logon) noexcept {
  if (count == nullptr || default_credential == nullptr || auto_logon == nullptr) return E_POINTER;
  *count = 0;
  *default_credential = CREDENTIAL_PROVIDER_NO_DEFAULT;
  *auto_logon = FALSE;
  if (scenario_ == CPUS_INVALID) return E_UNEXPECTED;
  if (!tiles_made_) MakeTiles();
  *count = tile_count_;
  return S_OK;
}

STDMETHODIMP Provider::GetCredentialAt(DWORD index,
                                       ICredentialProviderCredential** credential) noexcept {
  if (credential == nullptr) return E_POINTER;
  *credential = nullptr;
  if (scenario_ == CPUS_INVALID) return E_UNEXPECTED;
  if (!tiles_made_) MakeTiles();
  if (index >= tile_count_) return E_INVALIDARG;
  *credential = tiles_[index]->AsCredential();
  (*credential)->AddRef();
  return S_OK;
}

}  // namespace sspr
