// SPDX-License-Identifier: Apache-2.0
// How the codes of an authenticator app look: RFC 6238.
#pragma once

namespace sspr::service {

enum class TotpAlgorithm { kSha1 = 0, kSha256 = 1 };

struct TotpForm {
  TotpAlgorithm algorithm = TotpAlgorithm::kSha1;
  int digits = 6;  // 6 or 8
};

}  // namespace sspr::service
