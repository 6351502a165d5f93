// SPDX-License-Identifier: Apache-2.0
// Permits: bytes as they came, and the same signed by the right key, so that the parser behind the
// signature is reached. What is taken says the same when it is signed again.
#include <cstring>

#include "common/base/text.h"
#include "common/permit/permit.h"
#include "common/permit/permit_keys.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

struct Keys {
  Result<SigningKey> made = SigningKey::Generate();
  SigningKey signing = std::move(*made);
  Result<VerifyingKey> half = signing.Public();
  VerifyingKey verifying = std::move(*half);
};

void CheckPermit(const Keys& keys, const Permit& permit, std::string_view bytes) {
  Must(IsCarriableUserName(permit.account) && permit.account.size() <= kMaxPermitAccountBytes,
       "the account is one");
  Must(permit.expires_at >= permit.issued_at &&
           permit.expires_at - permit.issued_at <= kMaxPermitLifetimeSeconds,
       "the lifetime is bounded");
  const auto again = SignPermit(keys.signing, permit);
  Must(again.ok(), "a permit that is taken can be said");
  Must(std::memcmp(again->data(), bytes.data(), kPermitBytes - kSignatureBytes) == 0,
       "there is one way to say it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keys& keys = *new Keys;
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  Must(!VerifyPermit(keys.verifying, raw).ok(), "nothing that we did not sign is taken");
  (void)VerifyingKey::FromPem(raw);

  std::string bytes(kPermitBytes, '\0');
  std::memcpy(bytes.data(), "SSPP\x01\x01", 6);
  raw.copy(bytes.data(), kPermitBytes - kSignatureBytes);
  const std::string signed_text =
      std::string("SSPR permit v1\0", 15) + bytes.substr(0, kPermitBytes - kSignatureBytes);
  const auto signature = keys.signing.Sign(signed_text);
  Must(signature.ok(), "the key signs");
  std::memcpy(bytes.data() + kPermitBytes - kSignatureBytes, signature->data(), kSignatureBytes);
  if (const auto permit = VerifyPermit(keys.verifying, bytes); permit.ok()) {
    CheckPermit(keys, *permit, bytes);
  }
  return 0;
}
