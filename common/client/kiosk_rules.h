// SPDX-License-Identifier: Apache-2.0
// What a shared device leaves out of the service's answers before the flow sees them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/config/kiosk_config.h"
#include "common/flow/service_values.h"

namespace sspr {

// Only the chosen methods stay; addresses that are not masked yet are.
void RestrictToKiosk(const KioskConfig& kiosk, ServiceReply& reply);

// "a***@example.org", "***57". What has a mask already ('*', or a bullet) stays as it is.
std::string MaskedTarget(std::string_view target);

}  // namespace sspr
