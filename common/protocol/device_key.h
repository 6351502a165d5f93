// SPDX-License-Identifier: Apache-2.0
// The key of an enrolled device: P-256 (ES256) or Ed25519 (EdDSA). The private half never leaves
// the machine; the public half travels as a JWK (RFC 7517, 8037), and its thumbprint (RFC 7638,
// SHA-256) is the device's id.
//
// On Windows the private half is in CNG and cannot be read at all (credprov_win/machine): keys have
// names there, not files, are P-256, and only the client's half of this header is there.
//
// Keys may be used from several threads at once.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

// As openssl/types.h has it: not every client has OpenSSL.
typedef struct evp_pkey_st EVP_PKEY;

namespace Json {
class Value;
}

namespace sspr {

enum class DeviceKeyKind { kP256, kEd25519 };

inline constexpr std::size_t kThumbprintBytes = 32;
inline constexpr std::size_t kProofSignatureBytes = 64;  // of both kinds
using Thumbprint = std::array<unsigned char, kThumbprintBytes>;

struct FreeDeviceKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using DeviceKeyHandle = std::unique_ptr<EVP_PKEY, FreeDeviceKey>;

class DevicePublicKey {
 public:
  // kProtocol for anything but a public key of one of the two kinds: other curves, points that are
  // not on it, a private member.
  static Result<DevicePublicKey> FromJwk(const Json::Value& jwk);
  static Result<DevicePublicKey> FromJwkText(std::string_view json);

  DeviceKeyKind kind() const { return kind_; }
  // "ES256" or "EdDSA".
  const char* algorithm() const;
  // The members that the thumbprint is made of, in their order, without white space.
  const std::string& jwk() const { return jwk_; }
  const Thumbprint& thumbprint() const { return thumbprint_; }

  // signature as JWS has it (RFC 7518 3.4, RFC 8037 3.1).
  bool Verifies(std::string_view message, std::string_view signature) const;

 private:
  friend class DeviceKey;
  // kInternal when the key is of no kind that we know.
  static Result<DevicePublicKey> Of(DeviceKeyHandle key);
  DevicePublicKey() = default;

  DeviceKeyHandle key_;
  DeviceKeyKind kind_ = DeviceKeyKind::kP256;
  std::string jwk_;
  Thumbprint thumbprint_{};
};

class DeviceKey {
 public:
  static Result<DeviceKey> Generate(DeviceKeyKind kind);
  // PEM (PKCS#8, without a pass phrase). kInternal when the file cannot be read, may be read by
  // others than its owner, or holds no key of one of the two kinds; the detail names the file.
  // On Windows: the key of that name; kUnreachable when there is none.
  static Result<DeviceKey> Load(const std::string& path);
#ifdef _WIN32
  // A new key of the computer's with that name, which must not be taken.
  static Result<DeviceKey> MakeStored(const std::string& name);
  // No error when there is none.
  static Status RemoveStored(const std::string& name);
#endif

  // Creates the file with mode 0600; an existing file is an error, never overwritten.
  Status SaveNew(const std::string& path) const;

  const DevicePublicKey& Public() const { return public_; }
  // As JWS has it. kInternal when OpenSSL fails.
  Result<std::string> Sign(std::string_view message) const;

 private:
  DeviceKey(DeviceKeyHandle key, DevicePublicKey public_key)
      : key_(std::move(key)), public_(std::move(public_key)) {}
  static Result<DeviceKey> Of(DeviceKeyHandle key);

  DeviceKeyHandle key_;
  DevicePublicKey public_;
};

}  // namespace sspr
