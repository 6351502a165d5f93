// SPDX-License-Identifier: Apache-2.0
// How people are found in Entra ID. Where it is, and as which app the service comes, is in
// GraphSettings.
#pragma once

#include <chrono>
#include <string>

namespace sspr::service {

struct EntraSettings {
  // The account of a machine that is a person's: "onPremisesSamAccountName" or "mailNickname";
  // empty: nobody has one.
  std::string account_attribute;
  unsigned connections = 4;
  // Of each request, and for how long one that is throttled is asked again.
  std::chrono::milliseconds timeout{5'000};
};

}  // namespace sspr::service
