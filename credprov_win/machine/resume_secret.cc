// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/machine/resume_secret.h"

#include <windows.h>
// After windows.h.
#include <bcrypt.h>
#include <sddl.h>

#include <memory>

#include "common/client/resume_key.h"
#include "common/protocol/device_proof.h"

namespace sspr {
namespace {

constexpr wchar_t kWhoMay[] = L"D:P(A;;KA;;;SY)(A;;KA;;;BA)(A;;KR;;;LS)";
constexpr wchar_t kValue[] = L"Secret";

std::wstring Wide(std::string_view path) { return {path.begin(), path.end()}; }

struct FreeLocal {
  void operator()(void* memory) const noexcept { LocalFree(memory); }
};
struct CloseKey {
  void operator()(HKEY key) const noexcept { RegCloseKey(key); }
};
using Key = std::unique_ptr<std::remove_pointer_t<HKEY>, CloseKey>;

Status Failed(LSTATUS code) {
  if (code == ERROR_ACCESS_DENIED) return {Errc::kDenied, "only an administrator may do that"};
  return {Errc::kInternal, "the registry cannot be written (" + std::to_string(code) + ")"};
}

}  // namespace

std::optional<Secret> ReadResumeSecret(const std::string& path) {
  Secret secret;
  if (!secret.Resize(Secret::kMaxSize)) return std::nullopt;
  auto size = static_cast<DWORD>(secret.size());
  if (RegGetValueW(HKEY_LOCAL_MACHINE, Wide(path).c_str(), kValue, RRF_RT_REG_BINARY, nullptr,
                   secret.Bytes().data(), &size) != ERROR_SUCCESS ||
      !secret.Resize(size)) {
    return std::nullopt;
  }
  return secret;
}

std::vector<unsigned char> ResumeHmac(const Secret& secret, std::string_view message) {
  BCRYPT_ALG_HANDLE algorithm = nullptr;
  if (BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, nullptr,
                                  BCRYPT_ALG_HANDLE_HMAC_FLAG) != 0) {
    return {};
  }
  // The function takes pointers to what it only reads.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<UCHAR*>(const_cast<char*>(text.data()));
  };
  std::vector<unsigned char> made(kResumeKeyBytes);
  const std::string_view key = secret.Reveal();
  const NTSTATUS done =
      BCryptHash(algorithm, bytes(key), static_cast<ULONG>(key.size()), bytes(message),
                 static_cast<ULONG>(message.size()), made.data(), static_cast<ULONG>(made.size()));
  BCryptCloseAlgorithmProvider(algorithm, 0);
  if (done != 0) return {};
  return made;
}

// The key has its access list before the secret is in it, whoever made the key.
Status MakeResumeSecret() {
  if (ReadResumeSecret(kResumeSecretKey)) return Ok();
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(kWhoMay, SDDL_REVISION_1, &descriptor,
                                                            nullptr)) {
    return {Errc::kInternal, "an access list cannot be made"};
  }
  const std::unique_ptr<void, FreeLocal> owned(descriptor);
  HKEY opened = nullptr;
  LSTATUS done = RegCreateKeyExW(HKEY_LOCAL_MACHINE, Wide(kResumeSecretKey).c_str(), 0, nullptr, 0,
                                 KEY_SET_VALUE | WRITE_DAC, nullptr, &opened, nullptr);
  if (done != ERROR_SUCCESS) return Failed(done);
  const Key key(opened);
  done = RegSetKeySecurity(
      key.get(), DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, descriptor);
  if (done != ERROR_SUCCESS) return Failed(done);
  Secret secret;
  if (!secret.Resize(kResumeKeyBytes)) return {Errc::kInternal, "no place for a secret"};
  auto* const bytes = reinterpret_cast<unsigned char*>(secret.Bytes().data());
  if (!FillWithRandom({bytes, kResumeKeyBytes})) {
    return {Errc::kInternal, "there are no random numbers"};
  }
  done = RegSetValueExW(key.get(), kValue, 0, REG_BINARY, bytes, kResumeKeyBytes);
  if (done != ERROR_SUCCESS) return Failed(done);
  return Ok();
}

Status RemoveResumeSecret() {
  const LSTATUS done = RegDeleteTreeW(HKEY_LOCAL_MACHINE, Wide(kResumeSecretKey).c_str());
  if (done == ERROR_SUCCESS || done == ERROR_FILE_NOT_FOUND) return Ok();
  return Failed(done);
}

}  // namespace sspr
