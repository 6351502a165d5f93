// SPDX-License-Identifier: Apache-2.0
// The chain as it is in files; on Windows it is in the registry.
#include "common/machine/permit_chain.h"

namespace sspr {

Result<PermitChain> ReadChain(std::string_view pem, std::string_view successions) {
  const Result<VerifyingKey> first = VerifyingKey::FromPem(pem);
  if (!first.ok()) return first.error();
  return ChainOf(first->bytes(), successions);
}

}  // namespace sspr
