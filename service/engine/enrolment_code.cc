// SPDX-License-Identifier: Apache-2.0
#include "service/engine/enrolment_code.h"

#include "common/permit/fixed_bytes.h"
#include "service/methods/handed_out_code.h"

namespace sspr::service {
namespace {

constexpr int kCodeLength = 26;  // 130 bits

}  // namespace

std::string EnrolmentDigest(const ServiceKeys& keys, std::string_view code) {
  SecretBuffer<128> text;
  const bool fits = text.Append("enrol:") && text.Append(code);
  return fits ? ToHex(keys.CodeDigest(text.Reveal())) : std::string();
}

Secret OfferEnrolment(ApprovalTable& table, const ServiceKeys& keys, Random& random,
                      std::string_view user_id, UnixSeconds now) {
  Secret code = RandomBase32(random, kCodeLength);
  table.Prune(now);
  table.PutEnrolment(EnrolmentDigest(keys, code.Reveal()), user_id, now + kEnrolmentSeconds);
  return code;
}

}  // namespace sspr::service
