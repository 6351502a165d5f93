// SPDX-License-Identifier: Apache-2.0
#include "tests/windows/logon_ui.h"

#include <winternl.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "credprov_win/dll/com_text.h"

namespace sspr::test {
namespace {

constexpr wchar_t kClassText[] = L"{7B5E2C64-1F0B-4E0A-9C57-0A4D6B1E83F2}";
constexpr wchar_t kStateKey[] = L"SOFTWARE\\SSPR Login\\Provider";
constexpr wchar_t kPolicyKey[] = L"SOFTWARE\\Policies\\SSPR Login";

void SetText(HKEY root, const std::wstring& key, const wchar_t* name, const std::wstring& text) {
  ASSERT_EQ(RegSetKeyValueW(root, key.c_str(), name, REG_SZ, text.c_str(),
                            static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t))),
            ERROR_SUCCESS);
}

BOOL WINAPI OwnToken(LPCWSTR user, LPCWSTR domain, LPCWSTR, DWORD, DWORD, PHANDLE token) {
  HANDLE own = nullptr;
  if (std::wstring(user) != L"LocalService" || std::wstring(domain) != L"NT AUTHORITY")
    return FALSE;
  if (!OpenProcessToken(GetCurrentProcess(), MAXIMUM_ALLOWED, &own)) return FALSE;
  const BOOL made =
      DuplicateTokenEx(own, MAXIMUM_ALLOWED, nullptr, SecurityImpersonation, TokenPrimary, token);
  CloseHandle(own);
  return made;
}

NTSTATUS NTAPI NumberSeven(HANDLE, PLSA_STRING name, PULONG package) {
  if (std::string(name->Buffer, name->Length) != "Negotiate") return -1;
  *package = kNegotiate;
  return 0;
}

}  // namespace

void ReplaceImport(HMODULE dll, const char* function, void* by) {
  auto* base = reinterpret_cast<BYTE*>(dll);
  const auto* dos = reinterpret_cast<IMAGE_DOS_HEADER*>(base);
  const auto* nt = reinterpret_cast<IMAGE_NT_HEADERS*>(base + dos->e_lfanew);
  const auto& directory = nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
  auto* import = reinterpret_cast<IMAGE_IMPORT_DESCRIPTOR*>(base + directory.VirtualAddress);
  for (; import->Name != 0; ++import) {
    auto* names = reinterpret_cast<IMAGE_THUNK_DATA*>(base + import->OriginalFirstThunk);
    auto* slots = reinterpret_cast<IMAGE_THUNK_DATA*>(base + import->FirstThunk);
    for (; names->u1.AddressOfData != 0; ++names, ++slots) {
      const auto* entry = reinterpret_cast<IMAGE_IMPORT_BY_NAME*>(base + names->u1.AddressOfData);
      if (std::strcmp(reinterpret_cast<const char*>(entry->Name), function) != 0) continue;
      DWORD before = 0;
      VirtualProtect(slots, sizeof *slots, PAGE_READWRITE, &before);
      slots->u1.Function = reinterpret_cast<ULONG_PTR>(by);
      VirtualProtect(slots, sizeof *slots, before, &before);
      return;
    }
  }
  ADD_FAILURE() << "the module does not import " << function;
}

// ---- users

STDMETHODIMP User::GetSid(LPWSTR* sid) { return CopyForCom(entry_.sid, sid); }
STDMETHODIMP User::GetProviderID(GUID* provider) {
  *provider = {};
  return S_OK;
}
STDMETHODIMP User::GetStringValue(REFPROPERTYKEY key, LPWSTR* text) {
  // PKEY_Identity_QualifiedUserName.
  const bool known = key.pid == 100 && key.fmtid.Data1 == 0xda520e51;
  return known ? CopyForCom(entry_.name, text) : E_INVALIDARG;
}

UserArray::UserArray(const std::vector<UserEntry>& users, bool other_user)
    : other_user_(other_user) {
  for (const UserEntry& user : users) users_.push_back(std::make_unique<User>(user));
}
STDMETHODIMP UserArray::GetAccountOptions(CREDENTIAL_PROVIDER_ACCOUNT_OPTIONS* options) {
  *options = other_user_ ? CPAO_EMPTY_CONNECTED : CPAO_NONE;
  return S_OK;
}
STDMETHODIMP UserArray::GetCount(DWORD* count) {
  *count = static_cast<DWORD>(users_.size());
  return S_OK;
}
STDMETHODIMP UserArray::GetAt(DWORD index, ICredentialProviderUser** user) {
  *user = users_[index].get();
  (*user)->AddRef();
  return S_OK;
}

// ---- the screen

bool Screen::Is(REFIID iid) const {
  return iid == __uuidof(ICredentialProviderCredentialEvents) ||
         (batches && iid == __uuidof(ICredentialProviderCredentialEvents2));
}
STDMETHODIMP Screen::SetFieldState(ICredentialProviderCredential*, DWORD field,
                                   CREDENTIAL_PROVIDER_FIELD_STATE state) {
  states[field] = state;
  if (on_change) on_change();
  return S_OK;
}
STDMETHODIMP Screen::SetFieldInteractiveState(ICredentialProviderCredential*, DWORD field,
                                              CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE state) {
  if (state == CPFIS_FOCUSED) focused = field;
  return S_OK;
}
STDMETHODIMP Screen::SetFieldString(ICredentialProviderCredential*, DWORD field, LPCWSTR text) {
  strings[field] = text;
  return S_OK;
}
STDMETHODIMP Screen::SetFieldCheckbox(ICredentialProviderCredential*, DWORD, BOOL, LPCWSTR) {
  return E_NOTIMPL;
}
STDMETHODIMP Screen::SetFieldBitmap(ICredentialProviderCredential*, DWORD, HBITMAP) {
  return E_NOTIMPL;
}
STDMETHODIMP Screen::SetFieldComboBoxSelectedItem(ICredentialProviderCredential*, DWORD, DWORD) {
  return S_OK;
}
STDMETHODIMP Screen::DeleteFieldComboBoxItem(ICredentialProviderCredential*, DWORD, DWORD item) {
  EXPECT_LT(item, choices.size());
  choices.erase(choices.begin() + static_cast<std::ptrdiff_t>(item));
  return S_OK;
}
STDMETHODIMP Screen::AppendFieldComboBoxItem(ICredentialProviderCredential*, DWORD, LPCWSTR text) {
  choices.emplace_back(text);
  return S_OK;
}
STDMETHODIMP Screen::SetFieldSubmitButton(ICredentialProviderCredential*, DWORD,
                                          DWORD adjacent_to) {
  submit_beside = adjacent_to;
  return S_OK;
}
STDMETHODIMP Screen::OnCreatingWindow(HWND* owner) {
  ADD_FAILURE() << "the tile wants to open a window";
  *owner = nullptr;
  return E_NOTIMPL;
}
STDMETHODIMP Screen::BeginFieldUpdates() {
  ++open_updates;
  return S_OK;
}
STDMETHODIMP Screen::EndFieldUpdates() {
  --open_updates;
  return S_OK;
}
STDMETHODIMP Screen::SetFieldOptions(ICredentialProviderCredential*, DWORD,
                                     CREDENTIAL_PROVIDER_CREDENTIAL_FIELD_OPTIONS) {
  return S_OK;
}

STDMETHODIMP Query::QueryContinue() { return cancelled ? S_FALSE : S_OK; }
STDMETHODIMP Query::SetStatusMessage(LPCWSTR text) {
  statuses.emplace_back(text);
  if (statuses.back() == cancel_when_told) cancelled = true;
  if (statuses.back() == L"Working.") SetEvent(told);
  return S_OK;
}

// ---- the serialised logon

DecodedLogon Decode(const std::vector<unsigned char>& bytes) {
  DecodedLogon decoded;
  KERB_INTERACTIVE_UNLOCK_LOGON head{};
  static_assert(sizeof head == 64);
  if (bytes.size() < sizeof head) return decoded;
  std::memcpy(&head, bytes.data(), sizeof head);
  decoded.message_type = static_cast<ULONG>(head.Logon.MessageType);
  std::size_t at = sizeof head;
  bool sound = head.LogonId.LowPart == 0 && head.LogonId.HighPart == 0;
  const auto read = [&](const UNICODE_STRING& text) {
    const auto offset = reinterpret_cast<std::size_t>(text.Buffer);
    sound = sound && offset == at && text.Length % 2 == 0 && text.MaximumLength == text.Length &&
            offset + text.Length <= bytes.size();
    std::wstring wide(sound ? text.Length / 2 : 0, L'\0');
    if (sound) std::memcpy(wide.data(), bytes.data() + offset, text.Length);
    at += text.Length;
    return wide;
  };
  decoded.domain = read(head.Logon.LogonDomainName);
  decoded.user = read(head.Logon.UserName);
  decoded.password = read(head.Logon.Password);
  decoded.sound = sound && at == bytes.size();
  return decoded;
}

// ---- the provider

const std::wstring& StageFolder() {
  static const std::wstring stage = [] {
    wchar_t path[MAX_PATH] = {};
    GetModuleFileNameW(nullptr, path, MAX_PATH);
    const std::wstring whole = path;
    const wchar_t* name = _wgetenv(L"SSPR_STAGE");
    return whole.substr(0, whole.find_last_of(L'\\') + 1) + (name != nullptr ? name : L"stage") +
           L"\\";
  }();
  return stage;
}

void Register() {
  const std::wstring provider =
      std::wstring(
          L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\Credential Providers\\") +
      kClassText;
  SetText(HKEY_LOCAL_MACHINE, provider, nullptr, L"SSPR Login");
  const std::wstring server = std::wstring(L"CLSID\\") + kClassText + L"\\InprocServer32";
  SetText(HKEY_CLASSES_ROOT, server, nullptr, StageFolder() + L"sspr_credprov.dll");
  SetText(HKEY_CLASSES_ROOT, server, L"ThreadingModel", L"Apartment");
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kStateKey);
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kPolicyKey);
}

void PatchImports(HMODULE dll) {
  ReplaceImport(dll, "LogonUserW", reinterpret_cast<void*>(&OwnToken));
  ReplaceImport(dll, "LsaLookupAuthenticationPackage", reinterpret_cast<void*>(&NumberSeven));
}

void LogonUi::SetUp() {
  ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
  Register();
  DeleteFileW((StageFolder() + L"sspr-flow.log").c_str());
  ASSERT_EQ(Create(), S_OK);
  PatchImports(GetModuleHandleW(L"sspr_credprov.dll"));
}

void LogonUi::TearDown() {
  Close();
  EXPECT_EQ(screen.references, 1u);
  EXPECT_EQ(screen.open_updates, 0);
  EXPECT_EQ(query.references, 1u);
  using CanUnload = HRESULT WINAPI();
  const auto can_unload = reinterpret_cast<CanUnload*>(reinterpret_cast<void*>(
      GetProcAddress(GetModuleHandleW(L"sspr_credprov.dll"), "DllCanUnloadNow")));
  ASSERT_NE(can_unload, nullptr);
  EXPECT_EQ(can_unload(), S_OK) << "an object of the DLL still lives";
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kStateKey);
  RegDeleteTreeW(HKEY_LOCAL_MACHINE, kPolicyKey);
  CoUninitialize();
}

HRESULT LogonUi::Create() {
  void* made = nullptr;
  const HRESULT result = CoCreateInstance(kProviderClass, nullptr, CLSCTX_INPROC_SERVER,
                                          __uuidof(ICredentialProvider), &made);
  provider = static_cast<ICredentialProvider*>(made);
  return result;
}

void LogonUi::Close() {
  for (auto* one : tiles) {
    one->UnAdvise();
    EXPECT_GE(one->Release(), 0u);
  }
  tiles.clear();
  tile = nullptr;
  if (provider != nullptr) {
    provider->UnAdvise();
    provider->Release();
    provider = nullptr;
  }
  if (users_ != nullptr) {
    EXPECT_EQ(users_->references, 1u);
  }
}

void LogonUi::Show(const std::vector<UserEntry>& users, bool other_user,
                   CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario) {
  ASSERT_EQ(provider->SetUsageScenario(scenario, 0), S_OK);
  users_ = std::make_unique<UserArray>(users, other_user);
  ICredentialProviderSetUserArray* taker = nullptr;
  ASSERT_EQ(provider->QueryInterface(__uuidof(ICredentialProviderSetUserArray),
                                     reinterpret_cast<void**>(&taker)),
            S_OK);
  EXPECT_EQ(taker->SetUserArray(users_.get()), S_OK);
  taker->Release();
  DWORD count = 0;
  DWORD chosen = 0;
  BOOL auto_logon = TRUE;
  ASSERT_EQ(provider->GetCredentialCount(&count, &chosen, &auto_logon), S_OK);
  EXPECT_EQ(chosen, CREDENTIAL_PROVIDER_NO_DEFAULT);
  EXPECT_FALSE(auto_logon);
  for (DWORD i = 0; i < count; ++i) {
    ICredentialProviderCredential* one = nullptr;
    ASSERT_EQ(provider->GetCredentialAt(i, &one), S_OK);
    tiles.push_back(one);
  }
}

void LogonUi::Select(DWORD number) {
  ASSERT_LT(number, tiles.size());
  tile = tiles[number];
  EXPECT_EQ(tile->Advise(&screen), S_OK);
  BOOL auto_logon = TRUE;
  EXPECT_EQ(tile->SetSelected(&auto_logon), S_OK);
  EXPECT_FALSE(auto_logon);
  for (DWORD i = 0; i < kFieldCount; ++i) {
    CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE interactive = CPFIS_NONE;
    EXPECT_EQ(tile->GetFieldState(i, &screen.states[i], &interactive), S_OK);
  }
}

void LogonUi::Script(const std::string& text) {
  std::ofstream(std::string(StageFolder().begin(), StageFolder().end()) + "sspr-flow.script")
      << text;
}

std::string LogonUi::Log() const {
  std::ifstream file(std::string(StageFolder().begin(), StageFolder().end()) + "sspr-flow.log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Given LogonUi::Submit() {
  IConnectableCredentialProviderCredential* connectable = nullptr;
  EXPECT_EQ(tile->QueryInterface(__uuidof(IConnectableCredentialProviderCredential),
                                 reinterpret_cast<void**>(&connectable)),
            S_OK);
  std::thread worker([&] { EXPECT_EQ(connectable->Connect(&query), S_OK); });
  worker.join();
  connectable->Release();
  return Serialize();
}

Given LogonUi::Serialize() {
  Given given;
  CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION serialization{};
  LPWSTR status = nullptr;
  CREDENTIAL_PROVIDER_STATUS_ICON icon = CPSI_NONE;
  EXPECT_EQ(tile->GetSerialization(&given.response, &serialization, &status, &icon), S_OK);
  given.package = serialization.ulAuthenticationPackage;
  given.provider = serialization.clsidCredentialProvider;
  if (serialization.rgbSerialization != nullptr) {
    given.bytes.assign(serialization.rgbSerialization,
                       serialization.rgbSerialization + serialization.cbSerialization);
    SecureZeroMemory(serialization.rgbSerialization, serialization.cbSerialization);
    CoTaskMemFree(serialization.rgbSerialization);
  }
  CoTaskMemFree(status);
  return given;
}

}  // namespace sspr::test
