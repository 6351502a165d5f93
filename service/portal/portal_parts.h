// SPDX-License-Identifier: Apache-2.0
// What the pages of the portal share.
#pragma once

#include <algorithm>
#include <string>

#include "service/engine/account_service.h"
#include "service/flow_service.h"
#include "service/pages/page_host.h"
#include "service/pages/sessions.h"

namespace sspr::service {

struct PortalParts {
  PageHost& host;
  FlowService& flows;
  AccountService& accounts;
  Sessions& people;  // who has signed in
  Sessions& guests;  // a sign-in, reset or unlock under way; proves nothing
  Clock const& clock;
};

// Rounded up: what a person is told to wait.
inline std::string MinutesText(int seconds) {
  constexpr int kMinute = 60;
  return std::to_string(std::max(1, (seconds + kMinute - 1) / kMinute));
}

// A date, an address or a number within a sentence of any direction.
inline std::string LeftToRight(std::string_view text) {
  return "\u2066" + std::string(text) + "\u2069";
}

}  // namespace sspr::service
