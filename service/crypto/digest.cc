// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace sspr::service {
namespace {

constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kDigestBytes = 32;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL looks an algorithm up by name each time that it is asked for; so they are kept. They live
// as long as the process.
const EVP_MD* FetchedSha256() {
  static const EVP_MD* const kept = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kept != nullptr ? kept : EVP_sha256();
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

Mac NewHmacSha256() {
  EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Mac context(hmac != nullptr ? EVP_MAC_CTX_new(hmac) : nullptr);
  EVP_MAC_free(hmac);
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  if (context != nullptr && EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) {
    context.reset();
  }
  return context;
}

// One without a key, to be copied.
const Mac& HmacWithoutKey() {
  static const Mac& kept = *new Mac(NewHmacSha256());
  return kept;
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
                 FetchedSha256(), nullptr) != 1 ||
      size != kDigestBytes) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string digest(kDigestBytes, '\0');
  std::size_t size = 0;
  const Mac& empty = HmacWithoutKey();
  const Mac mac(empty != nullptr ? EVP_MAC_CTX_dup(empty.get()) : nullptr);
  // An empty key is a key, and must not be taken for none.
  if (mac == nullptr ||
      EVP_MAC_init(mac.get(), Bytes(key.empty() ? "" : key), key.size(), nullptr) != 1 ||
      EVP_MAC_update(mac.get(), Bytes(data), data.size()) != 1 ||
      EVP_MAC_final(mac.get(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                    digest.size()) != 1 ||
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
