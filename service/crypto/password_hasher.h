// SPDX-License-Identifier: Apache-2.0
// Argon2id (RFC 9106) for the built-in directory: 19 MiB, two passes, one lane. At most a few
// hashes run at once, on threads of their own (HashWorkers).
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/crypto/hash_workers.h"
#include "service/crypto/random.h"

namespace sspr::service {

class PasswordHasher {
 public:
  PasswordHasher(Random& random, unsigned at_once);

  // The encoded hash ("$argon2id$…"). Errors: kTimedOut (no room within 10 s), kInternal. Blocks;
  // safe from several threads at once.
  Result<std::string> Hash(const Secret& password);
  // As Hash, with the salt of another hash of the same user's where it was made as today's are: one
  // computation then says whether it is the same password, and is the new hash where it is not.
  Result<std::string> HashLike(const std::string& encoded, const Secret& password);
  // Whether `encoded` is a hash of the password, of which `made` is one. Computes only where the
  // two hashes were made differently.
  Result<bool> SameHash(const std::string& encoded, const std::string& made,
                        const Secret& password);
  // An encoded hash that is empty stands for "nobody": takes as long, and is never right.
  Result<bool> Verify(const std::string& encoded, const Secret& password);

 private:
  Result<std::string> Hashed(const std::string& salt, const Secret& password);

  Random& random_;
  HashWorkers workers_;
  std::string nobody_salt_;
};

}  // namespace sspr::service
