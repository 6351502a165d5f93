// SPDX-License-Identifier: Apache-2.0
// Plays LogonUI: finds the provider through COM's registry, shows it users, keeps what the tile
// tells it to show, and calls as LogonUI does, Connect on a thread of its own.
#pragma once

#include <gtest/gtest.h>
#include <windows.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/fields.h"
#include "credprov_win/dll/module.h"

namespace sspr::test {

struct UserEntry {
  std::wstring name;  // DOMAIN\user
  std::wstring sid;
};

// Counts its references and lives as long as the test.
template <typename Interface>
class Counted : public Interface {
 public:
  STDMETHODIMP QueryInterface(REFIID iid, void** object) override {
    *object = nullptr;
    if (iid != IID_IUnknown && !Is(iid)) return E_NOINTERFACE;
    *object = static_cast<Interface*>(this);
    AddRef();
    return S_OK;
  }
  STDMETHODIMP_(ULONG) AddRef() override { return ++references; }
  STDMETHODIMP_(ULONG) Release() override { return --references; }
  virtual bool Is(REFIID iid) const { return iid == __uuidof(Interface); }
  std::atomic<ULONG> references{1};
};

class User final : public Counted<ICredentialProviderUser> {
 public:
  explicit User(UserEntry entry) : entry_(std::move(entry)) {}
  STDMETHODIMP GetSid(LPWSTR* sid) override;
  STDMETHODIMP GetProviderID(GUID* provider) override;
  STDMETHODIMP GetStringValue(REFPROPERTYKEY key, LPWSTR* text) override;
  STDMETHODIMP GetValue(REFPROPERTYKEY, PROPVARIANT*) override { return E_NOTIMPL; }

 private:
  UserEntry entry_;
};

class UserArray final : public Counted<ICredentialProviderUserArray> {
 public:
  UserArray(const std::vector<UserEntry>& users, bool other_user);
  STDMETHODIMP SetProviderFilter(REFGUID) override { return S_OK; }
  STDMETHODIMP GetAccountOptions(CREDENTIAL_PROVIDER_ACCOUNT_OPTIONS* options) override;
  STDMETHODIMP GetCount(DWORD* count) override;
  STDMETHODIMP GetAt(DWORD index, ICredentialProviderUser** user) override;

 private:
  std::vector<std::unique_ptr<User>> users_;
  bool other_user_;
};

// What the tile shows, as it says so.
class Screen final : public Counted<ICredentialProviderCredentialEvents2> {
 public:
  bool Is(REFIID iid) const override;
  STDMETHODIMP SetFieldState(ICredentialProviderCredential*, DWORD field,
                             CREDENTIAL_PROVIDER_FIELD_STATE state) override;
  STDMETHODIMP SetFieldInteractiveState(ICredentialProviderCredential*, DWORD field,
                                        CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE state) override;
  STDMETHODIMP SetFieldString(ICredentialProviderCredential*, DWORD field, LPCWSTR text) override;
  STDMETHODIMP SetFieldCheckbox(ICredentialProviderCredential*, DWORD, BOOL, LPCWSTR) override;
  STDMETHODIMP SetFieldBitmap(ICredentialProviderCredential*, DWORD, HBITMAP) override;
  STDMETHODIMP SetFieldComboBoxSelectedItem(ICredentialProviderCredential*, DWORD,
                                            DWORD item) override;
  STDMETHODIMP DeleteFieldComboBoxItem(ICredentialProviderCredential*, DWORD, DWORD item) override;
  STDMETHODIMP AppendFieldComboBoxItem(ICredentialProviderCredential*, DWORD,
                                       LPCWSTR text) override;
  STDMETHODIMP SetFieldSubmitButton(ICredentialProviderCredential*, DWORD,
                                    DWORD adjacent_to) override;
  STDMETHODIMP OnCreatingWindow(HWND* owner) override;
  STDMETHODIMP BeginFieldUpdates() override;
  STDMETHODIMP EndFieldUpdates() override;
  STDMETHODIMP SetFieldOptions(ICredentialProviderCredential*, DWORD,
                               CREDENTIAL_PROVIDER_CREDENTIAL_FIELD_OPTIONS) override;

  std::map<DWORD, CREDENTIAL_PROVIDER_FIELD_STATE> states;
  std::map<DWORD, std::wstring> strings;
  std::vector<std::wstring> choices;
  DWORD focused = kFieldCount;
  DWORD submit_beside = kFieldCount;
  int open_updates = 0;
  bool batches = true;              // knows events 2
  std::function<void()> on_change;  // called in each SetFieldState
};

class Query final : public Counted<IQueryContinueWithStatus> {
 public:
  STDMETHODIMP QueryContinue() override;
  STDMETHODIMP SetStatusMessage(LPCWSTR text) override;
  std::atomic<bool> cancelled{false};
  std::wstring cancel_when_told;
  HANDLE told = CreateEventW(nullptr, TRUE, FALSE, nullptr);  // the status is one of the helper's
  std::vector<std::wstring> statuses;
};

// What GetSerialization gave.
struct Given {
  CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE response = CPGSR_NO_CREDENTIAL_NOT_FINISHED;
  ULONG package = 0;
  GUID provider = {};
  std::vector<unsigned char> bytes;
};

// What LSA would read in the bytes.
struct DecodedLogon {
  bool sound = false;  // every offset and length inside, nothing between or behind
  ULONG message_type = 0;
  std::wstring domain;
  std::wstring user;
  std::wstring password;
};
DecodedLogon Decode(const std::vector<unsigned char>& bytes);

// The folder with the DLL and its helper, beside the test program: "stage" or SSPR_STAGE.
const std::wstring& StageFolder();
// HKLM and HKCR as the installer writes them.
void Register();
// In the import table of that module alone.
void ReplaceImport(HMODULE module, const char* function, void* by);
// Replaces what Wine only pretends to have, in the import table of the loaded DLL alone:
// LogonUserW gives a copy of our own token, LsaLookupAuthenticationPackage number 7.
void PatchImports(HMODULE dll);
inline constexpr ULONG kNegotiate = 7;

class LogonUi : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  HRESULT Create();
  void Show(const std::vector<UserEntry>& users, bool other_user = false,
            CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario = CPUS_LOGON);
  // Makes the tile of that number the selected one.
  void Select(DWORD tile);
  void Script(const std::string& text);
  std::string Log() const;

  void Click(Field field) { EXPECT_EQ(tile->CommandLinkClicked(Id(field)), S_OK); }
  void Type(Field field, const wchar_t* text) {
    EXPECT_EQ(tile->SetStringValue(Id(field), text), S_OK);
  }
  // The arrow: Connect on another thread, then GetSerialization here.
  Given Submit();
  Given Serialize();
  void Close();

  static DWORD Id(Field field) { return static_cast<DWORD>(field); }
  bool Sees(Field field) { return screen.states[Id(field)] != CPFS_HIDDEN; }
  std::wstring Text(Field field) { return screen.strings[Id(field)]; }

  ICredentialProvider* provider = nullptr;
  ICredentialProviderCredential* tile = nullptr;
  std::vector<ICredentialProviderCredential*> tiles;
  std::unique_ptr<UserArray> users_;
  Screen screen;
  Query query;
};

inline const UserEntry kAlice{L"CORP\\alice", L"S-1-5-21-1-2-3-1104"};
inline const UserEntry kBob{L"CORP\\bob", L"S-1-5-21-1-2-3-1105"};

}  // namespace sspr::test
