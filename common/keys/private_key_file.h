// SPDX-License-Identifier: Apache-2.0
// Files that hold one private key: PEM (PKCS#8, without a pass phrase), read by their owner alone.
// Any thread. Not on Windows, where such keys are in CNG.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace sspr {

struct FreePrivateKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using PrivateKeyHandle = std::unique_ptr<EVP_PKEY, FreePrivateKey>;

enum class KeyFileOwner {
  kAnybody,
  kThisUser,  // the effective one
};

// Null when the file holds no private key. kInternal when it cannot be read, is no file, may be
// read by others than its owner or belongs to the wrong one; the detail names the file.
Result<PrivateKeyHandle> LoadPrivateKey(const std::string& path, KeyFileOwner owner);

// Creates the file with mode 0600, synced; one that is there is an error, never overwritten.
Status SaveNewPrivateKey(const EVP_PKEY* key, const std::string& path);

}  // namespace sspr
