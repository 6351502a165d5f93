// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/block_cipher.h"

#include <openssl/evp.h>

#include <memory>

namespace sspr::setpw {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

DigestBytes Digest(const EVP_MD* kind, const std::vector<std::string_view>& parts) {
  DigestBytes digest;
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1;
  for (const std::string_view part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  unsigned size = 0;
  good = good && digest.Resize(static_cast<std::size_t>(EVP_MD_get_size(kind))) &&
         EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.Bytes().data()),
                            &size) == 1;
  if (!good || size != digest.size()) digest.Clear();
  return digest;
}

bool RunCipher(const EVP_CIPHER* kind, Direction direction, std::string_view key,
               std::string_view iv, std::span<char> text) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  if (context == nullptr || key.size() != static_cast<std::size_t>(EVP_CIPHER_key_length(kind)) ||
      iv.size() != static_cast<std::size_t>(EVP_CIPHER_iv_length(kind))) {
    return false;
  }
  auto* const bytes = reinterpret_cast<unsigned char*>(text.data());
  int written = 0;
  return EVP_CipherInit_ex(context.get(), kind, nullptr, Raw(key), iv.empty() ? nullptr : Raw(iv),
                           direction == Direction::kEncrypt ? 1 : 0) == 1 &&
         EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
         EVP_CipherUpdate(context.get(), bytes, &written, bytes, static_cast<int>(text.size())) ==
             1 &&
         static_cast<std::size_t>(written) == text.size();
}

}  // namespace sspr::setpw
