// SPDX-License-Identifier: Apache-2.0
// /risk/v1.0/users: a SIEM says how much a user is at risk.
#pragma once

#include "service/api/call.h"

namespace sspr::service {

Answer ReportRisk(Call& call);

}  // namespace sspr::service
