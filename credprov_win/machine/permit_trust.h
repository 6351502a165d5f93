// SPDX-License-Identifier: Apache-2.0
// Which permits an enrolled computer believes: its device id, the service's key of permits and the
// statements that lead on from it, in the registry beside the enrolment (HKLM, "SOFTWARE/SSPR
// Login/Device"), where only administrators may write.
#pragma once

#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/permit/verifying_key.h"

namespace sspr {

struct PermitTrust {
  DeviceId device{};
  PublicKeyBytes first_key{};
  std::string successions;  // of 112 bytes each, one behind the other

  friend bool operator==(const PermitTrust&, const PermitTrust&) = default;
};

// Nothing when there is none, or nothing that can be believed.
std::optional<PermitTrust> ReadPermitTrust();
// The device id last: without it there is no trust. kDenied without the right to write.
Status WritePermitTrust(const PermitTrust& trust);

}  // namespace sspr
