// SPDX-License-Identifier: Apache-2.0
#include "common/permit/key_succession.h"

#include <limits>

namespace sspr {
namespace {

constexpr std::string_view kSuccessionMagic = "SSPK";
constexpr char kSuccessionVersion = 1;
constexpr std::string_view kSuccessionPrefix("SSPR permit key succession v1\0", 30);
constexpr std::size_t kSignedSuccessionBytes = kSuccessionBytes - kSignatureBytes;

void PutNumber(std::string& into, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) into.push_back(static_cast<char>((number >> (8 * i)) & 255));
}

std::uint64_t NumberAt(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(at, size)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::string Message(std::string_view statement) {
  return std::string(kSuccessionPrefix) + std::string(statement.substr(0, kSignedSuccessionBytes));
}

}  // namespace

Result<FixedBytes<kSuccessionBytes>> SignSuccessionBy(const Signer& sign,
                                                      const KeySuccession& succession) {
  if (succession.made_at < 0 || succession.made_at > std::numeric_limits<std::uint32_t>::max()) {
    return {Errc::kInternal, "the time of a succession cannot be said"};
  }
  std::string bytes(kSuccessionMagic);
  bytes.push_back(kSuccessionVersion);
  bytes.push_back('\0');
  PutNumber(bytes, succession.old_id, 2);
  PutNumber(bytes, succession.new_id, 2);
  PutNumber(bytes, 0, 2);
  PutNumber(bytes, static_cast<std::uint64_t>(succession.made_at), 4);
  bytes += View(succession.new_key);
  const Result<Signature> signature = sign(Message(bytes));
  if (!signature) return signature.error();
  bytes += View(*signature);
  const auto made = FixedBytesFrom<kSuccessionBytes>(bytes);
  if (!made) return {Errc::kInternal, "a succession has the wrong size"};
  return *made;
}

Result<KeySuccession> VerifySuccession(const VerifyingKey& old_key, std::string_view bytes) {
  if (bytes.size() != kSuccessionBytes) return {Errc::kProtocol, "a succession has 112 bytes"};
  if (!old_key.Verifies(Message(bytes), bytes.substr(kSignedSuccessionBytes))) {
    return {Errc::kDenied, "a succession is not signed by the key before"};
  }
  if (!bytes.starts_with(kSuccessionMagic) || bytes[4] != kSuccessionVersion || bytes[5] != '\0' ||
      NumberAt(bytes, 10, 2) != 0) {
    return {Errc::kProtocol, "what was signed is no succession"};
  }
  const auto key = FixedBytesFrom<kPublicKeyBytes>(bytes.substr(16, kPublicKeyBytes));
  if (!key) return {Errc::kProtocol, "what was signed is no succession"};
  return KeySuccession{.old_id = static_cast<std::uint16_t>(NumberAt(bytes, 6, 2)),
                       .new_id = static_cast<std::uint16_t>(NumberAt(bytes, 8, 2)),
                       .made_at = static_cast<UnixSeconds>(NumberAt(bytes, 12, 4)),
                       .new_key = *key};
}

Result<std::vector<VerifyingKey>> FollowSuccessions(const VerifyingKey& first,
                                                    std::string_view statements) {
  std::vector<VerifyingKey> keys;
  while (!statements.empty()) {
    const VerifyingKey& before = keys.empty() ? first : keys.back();
    const Result<KeySuccession> next =
        VerifySuccession(before, statements.substr(0, kSuccessionBytes));
    if (!next) return next.error();
    keys.emplace_back(next->new_key);
    statements.remove_prefix(kSuccessionBytes);
  }
  return keys;
}

}  // namespace sspr
