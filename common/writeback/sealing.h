// SPDX-License-Identifier: Apache-2.0
// A password for one agent: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// AES-256-GCM, one message for each encapsulation. On OpenSSL's primitives, as the OpenSSL of
// Debian 12 has no HPKE of its own; tests hold it to the vectors of the RFC's authors.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/writeback/sealing_key.h"

namespace sspr {

// "enc" and the ciphertext with its tag: 48 bytes longer than the secret. kInternal when OpenSSL
// fails.
Result<std::string> Seal(const SealingPublicKey& recipient, std::string_view info,
                         std::string_view aad, const Secret& secret);

// kProtocol for what was not sealed to this key with this info and aad, or was altered since.
Result<Secret> Unseal(const SealingKey& key, std::string_view info, std::string_view aad,
                      std::string_view sealed);

}  // namespace sspr
