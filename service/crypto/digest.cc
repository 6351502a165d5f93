// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace sspr::service {
namespace {

constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kDigestBytes = 32;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string Sha1(std::string_view data) {
  std::string digest(kSha1Bytes, '\0');
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_sha1(), nullptr) != 1 ||
      size != kSha1Bytes) {
    throw std::runtime_error("SHA-1 failed");
  }
  return digest;
}

std::string Sha256(std::string_view data) {
  std::string digest(kDigestBytes, '\0');
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_sha256(), nullptr) != 1 ||
      size != kDigestBytes) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string digest(kDigestBytes, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data), data.size(),
           reinterpret_cast<unsigned char*>(digest.data()), &size) == nullptr ||
      size != kDigestBytes) {
    throw std::runtime_error("HMAC failed");
  }
  return digest;
}

std::string DeriveKey(std::string_view master, std::string_view label) {
  const std::string no_salt(kDigestBytes, '\0');
  const std::string extracted = HmacSha256(no_salt, master);
  std::string info(label);
  info.push_back('\x01');
  return HmacSha256(extracted, info);
}

bool SameBytes(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sspr::service
