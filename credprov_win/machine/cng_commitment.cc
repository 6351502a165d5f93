// SPDX-License-Identifier: Apache-2.0
#include <windows.h>
// After windows.h.
#include <bcrypt.h>

#include <memory>
#include <type_traits>

#include "common/permit/commitment.h"

namespace sspr {
namespace {

struct CloseAlgorithm {
  void operator()(void* handle) const noexcept { BCryptCloseAlgorithmProvider(handle, 0); }
};
struct DestroyHash {
  void operator()(void* handle) const noexcept { BCryptDestroyHash(handle); }
};

}  // namespace

Result<Commitment> PasswordCommitment(const Nonce& nonce, const CommitmentSalt& salt,
                                      const Secret& password) {
  static_assert(std::is_same_v<BCRYPT_HASH_HANDLE, void*>);
  const Error failed{Errc::kInternal, "SHA-256 failed"};
  BCRYPT_ALG_HANDLE opened = nullptr;
  if (BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0) != 0) return failed;
  const std::unique_ptr<void, CloseAlgorithm> algorithm(opened);
  BCRYPT_HASH_HANDLE made = nullptr;
  if (BCryptCreateHash(algorithm.get(), &made, nullptr, 0, nullptr, 0, 0) != 0) return failed;
  const std::unique_ptr<void, DestroyHash> hash(made);
  for (const std::string_view part : {View(nonce), View(salt), password.Reveal()}) {
    // The function takes a pointer to what it only reads.
    auto* const bytes = reinterpret_cast<UCHAR*>(const_cast<char*>(part.data()));
    if (BCryptHashData(hash.get(), bytes, static_cast<ULONG>(part.size()), 0) != 0) return failed;
  }
  Commitment out;
  if (BCryptFinishHash(hash.get(), reinterpret_cast<UCHAR*>(out.data()),
                       static_cast<ULONG>(out.size()), 0) != 0) {
    return failed;
  }
  return out;
}

}  // namespace sspr
