// SPDX-License-Identifier: Apache-2.0
// The key of an enrolled device in CNG: P-256, of the computer, kept by Windows' own software
// provider, which signs with it and hands it out to nobody. SYSTEM and administrators may do
// everything with it, LocalService (sspr-flow.exe) may use it.
#include <windows.h>
// After windows.h.
#include <bcrypt.h>
#include <ncrypt.h>
#include <sddl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "common/protocol/base64url.h"
#include "common/protocol/device_key.h"
#include "common/protocol/device_proof.h"

namespace sspr {
namespace {

struct FreeObject {
  void operator()(void* handle) const noexcept {
    NCryptFreeObject(reinterpret_cast<NCRYPT_HANDLE>(handle));
  }
};
// Of a provider or a key: both are numbers, freed by one function.
using Object = std::shared_ptr<void>;

Object Owned(NCRYPT_HANDLE handle) { return {reinterpret_cast<void*>(handle), FreeObject()}; }

struct FreeLocal {
  void operator()(void* memory) const noexcept { LocalFree(memory); }
};

// Nothing of it is inherited; nobody else is in it.
constexpr wchar_t kWhoMayUseIt[] = L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;LS)";
constexpr DWORD kCoordinateBytes = 32;
constexpr DWORD kWhere = NCRYPT_MACHINE_KEY_FLAG;

std::wstring Wide(std::string_view name) { return {name.begin(), name.end()}; }

Error Failed(const char* what, SECURITY_STATUS status) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "0x%08lx", static_cast<unsigned long>(status));
  return {Errc::kInternal, std::string(what) + " (" + digits + ")"};
}

Result<Object> OpenProvider() {
  NCRYPT_PROV_HANDLE provider = 0;
  const SECURITY_STATUS opened = NCryptOpenStorageProvider(&provider, MS_KEY_STORAGE_PROVIDER, 0);
  if (opened != ERROR_SUCCESS) return Failed("Windows' key storage cannot be opened", opened);
  return Owned(provider);
}

// A key that was not finalised is not there.
SECURITY_STATUS Dress(NCRYPT_KEY_HANDLE key) {
  DWORD export_policy = 0;
  SECURITY_STATUS done =
      NCryptSetProperty(key, NCRYPT_EXPORT_POLICY_PROPERTY, reinterpret_cast<BYTE*>(&export_policy),
                        sizeof export_policy, 0);
  if (done != ERROR_SUCCESS) return done;
  DWORD usage = NCRYPT_ALLOW_SIGNING_FLAG;
  done = NCryptSetProperty(key, NCRYPT_KEY_USAGE_PROPERTY, reinterpret_cast<BYTE*>(&usage),
                           sizeof usage, 0);
  if (done != ERROR_SUCCESS) return done;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  ULONG size = 0;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(kWhoMayUseIt, SDDL_REVISION_1,
                                                            &descriptor, &size)) {
    return HRESULT_FROM_WIN32(GetLastError());
  }
  const std::unique_ptr<void, FreeLocal> owned(descriptor);
  done = NCryptSetProperty(key, NCRYPT_SECURITY_DESCR_PROPERTY, static_cast<BYTE*>(descriptor),
                           size, DACL_SECURITY_INFORMATION);
  if (done != ERROR_SUCCESS) return done;
  return NCryptFinalizeKey(key, NCRYPT_SILENT_FLAG);
}

}  // namespace
}  // namespace sspr

// What the header calls a key.
struct evp_pkey_st {
  sspr::Object key;
  NCRYPT_KEY_HANDLE handle() const { return reinterpret_cast<NCRYPT_KEY_HANDLE>(key.get()); }
};

namespace sspr {

void FreeDeviceKey::operator()(EVP_PKEY* key) const noexcept { delete key; }

const char* DevicePublicKey::algorithm() const { return "ES256"; }

Result<DevicePublicKey> DevicePublicKey::Of(DeviceKeyHandle key) {
  BCRYPT_ECCKEY_BLOB head{};
  std::array<unsigned char, sizeof head + 2 * kCoordinateBytes> blob{};
  DWORD size = 0;
  const SECURITY_STATUS exported =
      NCryptExportKey(key->handle(), 0, BCRYPT_ECCPUBLIC_BLOB, nullptr, blob.data(), blob.size(),
                      &size, NCRYPT_SILENT_FLAG);
  if (exported != ERROR_SUCCESS) return Failed("the device key cannot be read", exported);
  std::memcpy(&head, blob.data(), sizeof head);
  if (size != blob.size() || head.dwMagic != BCRYPT_ECDSA_PUBLIC_P256_MAGIC ||
      head.cbKey != kCoordinateBytes) {
    return Error{Errc::kInternal, "the device key is not one of P-256"};
  }
  const std::span<const unsigned char> point = std::span(blob).subspan(sizeof head);
  DevicePublicKey made;
  made.jwk_ = R"({"crv":"P-256","kty":"EC","x":")" + Base64Url(point.first(kCoordinateBytes)) +
              R"(","y":")" + Base64Url(point.last(kCoordinateBytes)) + R"("})";
  const std::optional<Thumbprint> thumbprint = DigestOf(made.jwk_);
  if (!thumbprint) return Error{Errc::kInternal, "a thumbprint cannot be made"};
  made.thumbprint_ = *thumbprint;
  made.key_ = std::move(key);
  return made;
}

Result<DeviceKey> DeviceKey::Of(DeviceKeyHandle key) {
  Result<DevicePublicKey> half = DevicePublicKey::Of(DeviceKeyHandle(new EVP_PKEY(*key)));
  if (!half.ok()) return half.error();
  return DeviceKey(std::move(key), std::move(half).value());
}

Result<DeviceKey> DeviceKey::Load(const std::string& name) {
  const Result<Object> provider = OpenProvider();
  if (!provider.ok()) return provider.error();
  NCRYPT_KEY_HANDLE key = 0;
  const SECURITY_STATUS opened =
      NCryptOpenKey(reinterpret_cast<NCRYPT_PROV_HANDLE>(provider->get()), &key, Wide(name).c_str(),
                    0, kWhere | NCRYPT_SILENT_FLAG);
  if (opened == NTE_BAD_KEYSET) {
    return Error{Errc::kUnreachable, "there is no key '" + name + "' in Windows' key storage"};
  }
  if (opened != ERROR_SUCCESS) return Failed("the device key cannot be opened", opened);
  return Of(DeviceKeyHandle(new EVP_PKEY{Owned(key)}));
}

Result<DeviceKey> DeviceKey::MakeStored(const std::string& name) {
  const Result<Object> provider = OpenProvider();
  if (!provider.ok()) return provider.error();
  NCRYPT_KEY_HANDLE key = 0;
  SECURITY_STATUS made =
      NCryptCreatePersistedKey(reinterpret_cast<NCRYPT_PROV_HANDLE>(provider->get()), &key,
                               BCRYPT_ECDSA_P256_ALGORITHM, Wide(name).c_str(), 0, kWhere);
  if (made != ERROR_SUCCESS) return Failed("a device key cannot be made", made);
  DeviceKeyHandle handle(new EVP_PKEY{Owned(key)});
  made = Dress(key);
  if (made != ERROR_SUCCESS) return Failed("a device key cannot be made", made);
  return Of(std::move(handle));
}

Status DeviceKey::RemoveStored(const std::string& name) {
  const Result<Object> provider = OpenProvider();
  if (!provider.ok()) return provider.error();
  NCRYPT_KEY_HANDLE key = 0;
  SECURITY_STATUS done = NCryptOpenKey(reinterpret_cast<NCRYPT_PROV_HANDLE>(provider->get()), &key,
                                       Wide(name).c_str(), 0, kWhere | NCRYPT_SILENT_FLAG);
  if (done == NTE_BAD_KEYSET) return Ok();
  if (done != ERROR_SUCCESS) return Failed("the device key cannot be opened", done);
  done = NCryptDeleteKey(key, NCRYPT_SILENT_FLAG);  // frees the handle when it succeeds
  if (done == ERROR_SUCCESS) return Ok();
  NCryptFreeObject(key);
  return Failed("the device key cannot be removed", done);
}

Result<std::string> DeviceKey::Sign(std::string_view message) const {
  std::optional<Thumbprint> digest = DigestOf(message);
  if (!digest) return Error{Errc::kInternal, "a proof cannot be signed"};
  // r and s side by side, as JWS wants it.
  std::string signature(kProofSignatureBytes, '\0');
  DWORD size = 0;
  const SECURITY_STATUS done =
      NCryptSignHash(key_->handle(), nullptr, digest->data(), static_cast<DWORD>(digest->size()),
                     reinterpret_cast<BYTE*>(signature.data()),
                     static_cast<DWORD>(signature.size()), &size, NCRYPT_SILENT_FLAG);
  if (done != ERROR_SUCCESS || size != signature.size()) {
    return Failed("a proof cannot be signed", done);
  }
  return signature;
}

}  // namespace sspr
