// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/crypt_hash.h"

#include <crypt.h>

#include <cstring>
#include <memory>

#include "common/base/wipe.h"

namespace sspr::setpw {
namespace {

struct WipeCryptData {
  void operator()(crypt_data* data) const noexcept {
    Wipe(data, sizeof *data);
    delete data;
  }
};
using CryptData = std::unique_ptr<crypt_data, WipeCryptData>;

}  // namespace

Result<CryptHash> HashPassword(const Secret& password, const HashMethod& method) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn(method.prefix.c_str(), method.count, nullptr, 0, setting, sizeof setting) ==
      nullptr) {
    return {Errc::kInternal, "crypt_gensalt refuses the machine's hash method"};
  }
  const CryptData data(new crypt_data());
  const char* const made = crypt_rn(password.RevealTerminated(), setting, data.get(), sizeof *data);
  if (made == nullptr) return {Errc::kInternal, "crypt refuses the machine's hash method"};
  auto hash = CryptHash::CopyOf(made);
  if (!hash) return {Errc::kInternal, "the hash is too long"};
  return std::move(*hash);
}

bool MatchesHash(const Secret& password, std::string_view hash) {
  const auto old = CryptHash::CopyOf(hash);
  if (!old) return false;
  const CryptData data(new crypt_data());
  const char* const made =
      crypt_rn(password.RevealTerminated(), old->RevealTerminated(), data.get(), sizeof *data);
  if (made == nullptr) return false;
  const auto computed = CryptHash::CopyOf(made);
  return computed && computed->SameAs(*old);
}

}  // namespace sspr::setpw
