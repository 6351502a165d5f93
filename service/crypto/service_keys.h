// SPDX-License-Identifier: Apache-2.0
// The service's secrets key file and what is derived from it: the keys that seal what the database
// holds, the key of code hashes, the key of names. It lies outside the database, so that a copy of
// the database alone gives away none of them.
//
// A new file is 32 random bytes. A rotation turns it into text: the digest key, which stays (limits
// and recovery codes are found by it), and the sealing keys by their numbers, of which the newest
// active one seals and all open. A running service notices a changed file by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/crypto/random.h"

namespace sspr::service {

struct SealKeyState {
  int id = 1;
  bool is_active = true;  // false: made, and copied to other machines before it seals
};

class ServiceKeys {
 public:
  // The file must be readable by its owner alone. kInternal otherwise; the detail says what to do.
  static Result<ServiceKeys> Load(const std::string& path);
  // See CreateSecretsKey in service/engine/engine_settings.h.
  static Status Create(const std::string& path, Random& random);

  ServiceKeys(const ServiceKeys&) = delete;
  ServiceKeys& operator=(const ServiceKeys&) = delete;
  ServiceKeys(ServiceKeys&&) noexcept;
  ServiceKeys& operator=(ServiceKeys&&) noexcept;
  ~ServiceKeys();

  // AES-256-GCM with a fresh nonce and the newest active key. context is bound, not stored: Open
  // needs the same one. The result is ASCII, and names the key.
  std::string Seal(Random& random, std::string_view plain, std::string_view context) const;
  // kInternal when it was not sealed with a key of the file, or not with this context.
  Result<Secret> Open(std::string_view sealed, std::string_view context) const;

  // The number of the key that a sealed value names; 0 when it is none.
  static int KeyOf(std::string_view sealed);
  // What all values that a key sealed begin with, as a pattern of SQL's LIKE; of key 1 nothing.
  static std::string MarkOf(int id);
  // As the file says now.
  std::vector<SealKeyState> SealKeys() const;
  int ActiveSealKey() const;

  // Keyed digests, 32 bytes, of codes and of user names; the two never collide. Not rotated.
  std::string CodeDigest(std::string_view text) const;
  std::string NameDigest(std::string_view text) const;

  // Changes of the file, atomic and durable. Each is kDenied with a sentence where it does not fit.
  // AddSealKey returns the number of the new key.
  Result<int> AddSealKey(Random& random, bool active);
  Status ActivateSealKey(int id);
  // Forgets the keys that are older than the active one.
  Status ForgetOldSealKeys();

 private:
  struct State;
  explicit ServiceKeys(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace sspr::service
