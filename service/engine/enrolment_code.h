// SPDX-License-Identifier: Apache-2.0
// The code by which a phone is enrolled, once, for the person whom it was made for.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/store/approval_table.h"

namespace sspr::service {

inline constexpr int kEnrolmentSeconds = 600;

// What is kept of it.
std::string EnrolmentDigest(const ServiceKeys& keys, std::string_view code);

// A new code; the one before of the same person is void.
Secret OfferEnrolment(ApprovalTable& table, const ServiceKeys& keys, Random& random,
                      std::string_view user_id, UnixSeconds now);

}  // namespace sspr::service
