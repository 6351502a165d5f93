// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/password_hasher.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <array>
#include <optional>
#include <string_view>

namespace sspr::service {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Base64 without padding, as in an encoded hash.
std::string ToBase64(std::string_view bytes) {
  std::string text;
  unsigned int bits = 0;
  unsigned int count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text.push_back(kBase64[(bits >> (count - 6)) & 63U]);
  }
  if (count > 0) text.push_back(kBase64[(bits << (6 - count)) & 63U]);
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  unsigned int bits = 0;
  unsigned int count = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<unsigned int>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 0xFFU));
  }
  return bytes;
}

// How every hash begins that is made today.
const std::string& Costs() {
  static const std::string costs = "$argon2id$v=19$m=" + std::to_string(kMemoryKib) +
                                   ",t=" + std::to_string(kPasses) +
                                   ",p=" + std::to_string(kLanes) + "$";
  return costs;
}

// Everything before the hash itself: algorithm, version, costs, salt.
std::string_view FormOf(std::string_view encoded) {
  const std::size_t end = encoded.rfind('$');
  return end == std::string_view::npos ? std::string_view() : encoded.substr(0, end);
}

// The salt of a hash that was made as today's are.
std::optional<std::string> SaltOf(std::string_view encoded) {
  const std::string_view form = FormOf(encoded);
  if (!form.starts_with(Costs())) return std::nullopt;
  std::optional<std::string> salt = FromBase64(form.substr(Costs().size()));
  if (!salt || salt->size() != kSaltBytes) return std::nullopt;
  return salt;
}

bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// libargon2 asks for memory without saying for whom: its callbacks take no argument.
thread_local HashMemory* memory_of_thread = nullptr;

int Allocate(std::uint8_t** memory, std::size_t bytes) {
  *memory = memory_of_thread->Take(bytes);
  return *memory != nullptr ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void KeepForTheNext(std::uint8_t*, std::size_t) {}

// Empty when there is no memory.
std::string EncodedOf(std::string salt, const Secret& password, HashMemory& memory) {
  Secret input;  // libargon2 may write to what it is given
  std::array<std::uint8_t, kHashBytes> hash{};
  if (!input.Append(password.Reveal())) return {};
  memory_of_thread = &memory;
  argon2_context context{};
  context.out = hash.data();
  context.outlen = hash.size();
  context.pwd = reinterpret_cast<std::uint8_t*>(input.Bytes().data());
  context.pwdlen = static_cast<std::uint32_t>(input.size());
  context.salt = reinterpret_cast<std::uint8_t*>(salt.data());
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = kPasses;
  context.m_cost = kMemoryKib;
  context.lanes = kLanes;
  context.threads = kLanes;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = Allocate;
  context.free_cbk = KeepForTheNext;
  if (argon2_ctx(&context, Argon2_id) != ARGON2_OK) return {};
  return Costs() + ToBase64(salt) + "$" +
         ToBase64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace

PasswordHasher::PasswordHasher(Random& random, unsigned at_once)
    : random_(random), workers_(at_once), nobody_salt_(RandomBytes(random, kSaltBytes)) {}

Result<std::string> PasswordHasher::Hash(const Secret& password) {
  return Hashed(RandomBytes(random_, kSaltBytes), password);
}

Result<std::string> PasswordHasher::HashLike(const std::string& encoded, const Secret& password) {
  const std::optional<std::string> salt = SaltOf(encoded);
  return Hashed(salt ? *salt : RandomBytes(random_, kSaltBytes), password);
}

Result<std::string> PasswordHasher::Hashed(const std::string& salt, const Secret& password) {
  std::string encoded;
  const auto work = [&](HashMemory& memory) { encoded = EncodedOf(salt, password, memory); };
  if (!workers_.Do(work)) return Error{Errc::kTimedOut, "too many password hashes at once"};
  if (encoded.empty()) return Error{Errc::kInternal, "Argon2 failed (memory?)"};
  return encoded;
}

Result<bool> PasswordHasher::SameHash(const std::string& encoded, const std::string& made,
                                      const Secret& password) {
  if (!encoded.empty() && FormOf(encoded) == FormOf(made)) return SameText(encoded, made);
  return Verify(encoded, password);
}

Result<bool> PasswordHasher::Verify(const std::string& encoded, const Secret& password) {
  if (encoded.empty() || SaltOf(encoded)) {
    const Result<std::string> made =
        encoded.empty() ? Hashed(nobody_salt_, password) : HashLike(encoded, password);
    if (!made.ok()) return made.error();
    return !encoded.empty() && SameText(encoded, *made);
  }
  // Of an older program, with other costs.
  int verdict = ARGON2_INCORRECT_PARAMETER;
  const auto work = [&](HashMemory&) {
    verdict = argon2id_verify(encoded.c_str(), password.Reveal().data(), password.size());
  };
  if (!workers_.Do(work)) return Error{Errc::kTimedOut, "too many password hashes at once"};
  if (verdict == ARGON2_OK) return true;
  if (verdict == ARGON2_VERIFY_MISMATCH) return false;
  return Error{Errc::kInternal, argon2_error_message(verdict)};
}

}  // namespace sspr::service
