// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/password_hasher.h"

#include <argon2.h>

#include <array>
#include <chrono>

namespace sspr::service {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::chrono::seconds kLongestWait{10};

std::string EncodedOf(std::string_view salt, std::string_view password) {
  std::string encoded(
      argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  if (argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, encoded.data(),
                            encoded.size()) != ARGON2_OK) {
    return {};
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

}  // namespace

// One of the places in which a hash may run.
class PasswordHasher::Room {
 public:
  explicit Room(PasswordHasher& owner) : owner_(owner) {
    std::unique_lock lock(owner_.mutex_);
    ++owner_.waiting_;
    entered_ = owner_.freed_.wait_for(lock, kLongestWait, [this] { return owner_.free_ > 0; });
    --owner_.waiting_;
    if (entered_) --owner_.free_;
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    if (!entered_) return;
    {
      const std::lock_guard lock(owner_.mutex_);
      ++owner_.free_;
    }
    owner_.freed_.notify_one();
  }
  bool entered() const { return entered_; }

 private:
  PasswordHasher& owner_;
  bool entered_ = false;
};

PasswordHasher::PasswordHasher(Random& random, unsigned at_once)
    : random_(random),
      places_(at_once == 0 ? 1 : at_once),
      free_(places_),
      nobody_(EncodedOf(RandomBytes(random, kSaltBytes), RandomBytes(random, kHashBytes))) {}

PasswordHasher::Load PasswordHasher::LoadNow() {
  const std::lock_guard lock(mutex_);
  return {.running = places_ - free_, .waiting = waiting_};
}

Result<std::string> PasswordHasher::Hash(const Secret& password) {
  const Room room(*this);
  if (!room.entered()) return Error{Errc::kTimedOut, "too many password hashes at once"};
  std::string encoded = EncodedOf(RandomBytes(random_, kSaltBytes), password.Reveal());
  if (encoded.empty()) return Error{Errc::kInternal, "Argon2 failed (memory?)"};
  return encoded;
}

Result<bool> PasswordHasher::Verify(const std::string& encoded, const Secret& password) {
  const Room room(*this);
  if (!room.entered()) return Error{Errc::kTimedOut, "too many password hashes at once"};
  const std::string& against = encoded.empty() ? nobody_ : encoded;
  const int verdict = argon2id_verify(against.c_str(), password.Reveal().data(), password.size());
  if (verdict == ARGON2_OK) return !encoded.empty();
  if (verdict == ARGON2_VERIFY_MISMATCH) return false;
  return Error{Errc::kInternal, argon2_error_message(verdict)};
}

}  // namespace sspr::service
