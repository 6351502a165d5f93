// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/hash_fingerprint.h"

#include <openssl/evp.h>

namespace sspr::setpw {

HashFingerprint FingerprintOf(std::string_view hash) {
  HashFingerprint made{};
  unsigned int size = 0;
  auto* const out = reinterpret_cast<unsigned char*>(made.data());
  if (EVP_Digest(hash.data(), hash.size(), out, &size, EVP_sha256(), nullptr) != 1) made.fill(0);
  return made;
}

}  // namespace sspr::setpw
