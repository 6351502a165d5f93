// SPDX-License-Identifier: Apache-2.0
// The key storage of the tests: Wine 8 keeps no key of P-256 and finds none again. The keys and
// signatures are those of Wine's own BCrypt; they are kept in the registry. It takes exactly what
// an enrolment asks of Windows and refuses everything else, so that a forgotten protection of the
// key is a failed test.
#include <windows.h>
// After windows.h.
#include <bcrypt.h>
#include <ncrypt.h>

#include <array>
#include <cwchar>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr wchar_t kStore[] = L"SOFTWARE\\SSPR Login tests\\Keys";
constexpr DWORD kSilent = NCRYPT_SILENT_FLAG;
constexpr DWORD kOfTheComputer = NCRYPT_MACHINE_KEY_FLAG;
constexpr NCRYPT_PROV_HANDLE kProvider = 0x5359;
constexpr DWORD kDigestBytes = 32;

struct Key {
  BCRYPT_ALG_HANDLE algorithm = nullptr;
  BCRYPT_KEY_HANDLE key = nullptr;
  std::wstring name;
  bool finalized = false;
  bool not_exportable = false;
  bool for_signing = false;
  bool guarded = false;
  ~Key() {
    if (key != nullptr) BCryptDestroyKey(key);
    if (algorithm != nullptr) BCryptCloseAlgorithmProvider(algorithm, 0);
  }
};

Key* Of(NCRYPT_KEY_HANDLE handle) { return reinterpret_cast<Key*>(handle); }

bool Opens(Key& key) {
  return BCryptOpenAlgorithmProvider(&key.algorithm, BCRYPT_ECDSA_P256_ALGORITHM, nullptr, 0) == 0;
}

bool IsSid(const void* sid, WELL_KNOWN_SID_TYPE kind) {
  return IsWellKnownSid(const_cast<void*>(sid), kind) != FALSE;
}

// SYSTEM and administrators everything, LocalService reading, nobody else, nothing inherited.
bool IsGuard(PSECURITY_DESCRIPTOR descriptor) {
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  PACL list = nullptr;
  SECURITY_DESCRIPTOR_CONTROL control = 0;
  DWORD revision = 0;
  if (!IsValidSecurityDescriptor(descriptor) ||
      !GetSecurityDescriptorControl(descriptor, &control, &revision) ||
      (control & SE_DACL_PROTECTED) == 0 ||
      !GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted) || !present ||
      list == nullptr || list->AceCount != 3) {
    return false;
  }
  int known = 0;
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* raw = nullptr;
    if (!GetAce(list, i, &raw)) return false;
    const auto* ace = static_cast<ACCESS_ALLOWED_ACE*>(raw);
    if (ace->Header.AceType != ACCESS_ALLOWED_ACE_TYPE) return false;
    const void* sid = &ace->SidStart;
    if (IsSid(sid, WinLocalSystemSid) && ace->Mask == FILE_ALL_ACCESS) known |= 1;
    if (IsSid(sid, WinBuiltinAdministratorsSid) && ace->Mask == FILE_ALL_ACCESS) known |= 2;
    if (IsSid(sid, WinLocalServiceSid) && ace->Mask == FILE_GENERIC_READ) known |= 4;
  }
  return known == 7;
}

bool IsKept(const wchar_t* name) {
  return RegGetValueW(HKEY_LOCAL_MACHINE, kStore, name, RRF_RT_REG_BINARY, nullptr, nullptr,
                      nullptr) == ERROR_SUCCESS;
}

}  // namespace

extern "C" {

SECURITY_STATUS WINAPI NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE* provider, LPCWSTR name,
                                                 DWORD flags) {
  if (name == nullptr || std::wcscmp(name, MS_KEY_STORAGE_PROVIDER) != 0 || flags != 0) {
    return NTE_INVALID_PARAMETER;
  }
  *provider = kProvider;
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptCreatePersistedKey(NCRYPT_PROV_HANDLE provider,
                                                NCRYPT_KEY_HANDLE* made, LPCWSTR algorithm,
                                                LPCWSTR name, DWORD spec, DWORD flags) {
  if (provider != kProvider || std::wcscmp(algorithm, BCRYPT_ECDSA_P256_ALGORITHM) != 0 ||
      name == nullptr || *name == L'\0' || spec != 0 || flags != kOfTheComputer) {
    return NTE_INVALID_PARAMETER;
  }
  if (IsKept(name)) return NTE_EXISTS;
  auto key = std::make_unique<Key>();
  key->name = name;
  if (!Opens(*key) || BCryptGenerateKeyPair(key->algorithm, &key->key, 256, 0) != 0) {
    return NTE_FAIL;
  }
  *made = reinterpret_cast<NCRYPT_KEY_HANDLE>(key.release());
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptSetProperty(NCRYPT_HANDLE handle, LPCWSTR name, PBYTE value,
                                         DWORD size, DWORD flags) {
  Key& key = *Of(handle);
  if (key.finalized) return NTE_INVALID_HANDLE;
  const auto number = [&] { return size == sizeof(DWORD) ? *reinterpret_cast<DWORD*>(value) : 99; };
  if (std::wcscmp(name, NCRYPT_EXPORT_POLICY_PROPERTY) == 0 && number() == 0) {
    key.not_exportable = true;
  } else if (std::wcscmp(name, NCRYPT_KEY_USAGE_PROPERTY) == 0 &&
             number() == NCRYPT_ALLOW_SIGNING_FLAG) {
    key.for_signing = true;
  } else if (std::wcscmp(name, NCRYPT_SECURITY_DESCR_PROPERTY) == 0 &&
             flags == DACL_SECURITY_INFORMATION && IsGuard(value)) {
    key.guarded = true;
  } else {
    return NTE_NOT_SUPPORTED;
  }
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptFinalizeKey(NCRYPT_KEY_HANDLE handle, DWORD flags) {
  Key& key = *Of(handle);
  if (key.finalized || flags != kSilent || !key.not_exportable || !key.for_signing ||
      !key.guarded) {
    return NTE_BAD_KEY_STATE;
  }
  std::array<UCHAR, 512> blob{};
  ULONG size = 0;
  if (BCryptFinalizeKeyPair(key.key, 0) != 0 ||
      BCryptExportKey(key.key, nullptr, BCRYPT_ECCPRIVATE_BLOB, blob.data(), blob.size(), &size,
                      0) != 0 ||
      RegSetKeyValueW(HKEY_LOCAL_MACHINE, kStore, key.name.c_str(), REG_BINARY, blob.data(),
                      size) != ERROR_SUCCESS) {
    return NTE_FAIL;
  }
  key.finalized = true;
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptOpenKey(NCRYPT_PROV_HANDLE provider, NCRYPT_KEY_HANDLE* opened,
                                     LPCWSTR name, DWORD spec, DWORD flags) {
  if (provider != kProvider || spec != 0 || flags != (kOfTheComputer | kSilent)) {
    return NTE_INVALID_PARAMETER;
  }
  std::array<UCHAR, 512> blob{};
  DWORD size = blob.size();
  if (RegGetValueW(HKEY_LOCAL_MACHINE, kStore, name, RRF_RT_REG_BINARY, nullptr, blob.data(),
                   &size) != ERROR_SUCCESS) {
    return NTE_BAD_KEYSET;
  }
  auto key = std::make_unique<Key>();
  key->name = name;
  key->finalized = true;
  if (!Opens(*key) || BCryptImportKeyPair(key->algorithm, nullptr, BCRYPT_ECCPRIVATE_BLOB,
                                          &key->key, blob.data(), size, 0) != 0) {
    return NTE_FAIL;
  }
  *opened = reinterpret_cast<NCRYPT_KEY_HANDLE>(key.release());
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptExportKey(NCRYPT_KEY_HANDLE handle, NCRYPT_KEY_HANDLE wrapping,
                                       LPCWSTR kind, NCryptBufferDesc*, PBYTE out, DWORD capacity,
                                       DWORD* size, DWORD) {
  if (wrapping != 0 || std::wcscmp(kind, BCRYPT_ECCPUBLIC_BLOB) != 0) return NTE_NOT_SUPPORTED;
  if (!Of(handle)->finalized) return NTE_BAD_KEY_STATE;
  ULONG written = 0;
  if (BCryptExportKey(Of(handle)->key, nullptr, kind, out, capacity, &written, 0) != 0) {
    return NTE_FAIL;
  }
  *size = written;
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptSignHash(NCRYPT_KEY_HANDLE handle, VOID* padding, PBYTE digest,
                                      DWORD digest_size, PBYTE out, DWORD capacity, DWORD* size,
                                      DWORD flags) {
  if (padding != nullptr || digest_size != kDigestBytes || flags != kSilent ||
      !Of(handle)->finalized) {
    return NTE_INVALID_PARAMETER;
  }
  ULONG written = 0;
  if (BCryptSignHash(Of(handle)->key, nullptr, digest, digest_size, out, capacity, &written, 0) !=
      0) {
    return NTE_FAIL;
  }
  *size = written;
  return ERROR_SUCCESS;
}

SECURITY_STATUS WINAPI NCryptDeleteKey(NCRYPT_KEY_HANDLE handle, DWORD flags) {
  if (flags != kSilent) return NTE_INVALID_PARAMETER;
  const std::unique_ptr<Key> key(Of(handle));
  return RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, kStore, key->name.c_str()) == ERROR_SUCCESS
             ? ERROR_SUCCESS
             : NTE_FAIL;
}

SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE handle) {
  if (handle != kProvider) delete Of(handle);
  return ERROR_SUCCESS;
}

}  // extern "C"
