// SPDX-License-Identifier: Apache-2.0
#include "common/permit/commitment.h"

#include <openssl/evp.h>

#include <memory>

namespace sspr {
namespace {

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<Commitment> PasswordCommitment(const Nonce& nonce, const CommitmentSalt& salt,
                                      const Secret& password) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigestContext> context(EVP_MD_CTX_new());
  const auto add = [&context](std::string_view bytes) {
    return EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1;
  };
  Commitment out;
  unsigned int size = 0;
  if (context == nullptr || EVP_DigestInit_ex2(context.get(), EVP_sha256(), nullptr) != 1 ||
      !add(View(nonce)) || !add(View(salt)) || !add(password.Reveal()) ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) != 1 ||
      size != out.size()) {
    return {Errc::kInternal, "SHA-256 failed"};
  }
  return out;
}

}  // namespace sspr
