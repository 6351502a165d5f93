// SPDX-License-Identifier: Apache-2.0
// Proof of possession (RFC 9449, DPoP) of a device's key, for one request: a JWT over its method,
// its address, the digest of its body, the time, and a nonce of the server's where it asked for
// one.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/protocol/device_key.h"

namespace sspr {

inline constexpr char kProofType[] = "dpop+jwt";

struct ProofClaims {
  std::string method;  // "POST"
  std::string url;     // without query and fragment
  std::string id;      // never used again
  UnixSeconds issued_at = 0;
  std::string nonce;         // empty: none
  Thumbprint body_digest{};  // SHA-256 of the body
};

// The compact JWS. kInternal when the key does not sign.
Result<std::string> SignProof(const DeviceKey& key, const ProofClaims& claims);

struct ReadProof {
  DevicePublicKey key;
  ProofClaims claims;
};
// A proof whose signature is that of the key in it. Whose key that is, and whether the claims fit
// the request, is for the caller to judge. kProtocol otherwise.
Result<ReadProof> OpenProof(std::string_view jws);

// SHA-256; nothing when the library fails.
std::optional<Thumbprint> DigestOf(std::string_view body);
// False when there are no random numbers.
bool FillWithRandom(std::span<unsigned char> bytes);

// Writes the proofs of a client's requests.
class DeviceProver {
 public:
  // clock outlives it. base_url: what paths are appended to.
  DeviceProver(DeviceKey key, std::string base_url, const Clock& clock)
      : key_(std::move(key)), base_url_(std::move(base_url)), clock_(clock) {}

  // A new proof each time.
  Result<std::string> Prove(std::string_view method, std::string_view path,
                            std::string_view body) const;
  // Of the server's last answer; goes into all proofs from now on.
  void TakeNonce(std::string nonce) { nonce_ = std::move(nonce); }
  const std::string& nonce() const { return nonce_; }
  const DeviceKey& key() const { return key_; }

 private:
  DeviceKey key_;
  std::string base_url_;
  const Clock& clock_;
  std::string nonce_;
};

}  // namespace sspr
