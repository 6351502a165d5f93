// SPDX-License-Identifier: Apache-2.0
// A PendingCode as it is kept in a session.
#pragma once

#include <json/value.h>

#include <optional>

#include "service/engine/account_service.h"

namespace sspr::service {

Json::Value WritePending(const PendingCode& pending);
// Nothing when it is none.
std::optional<PendingCode> ReadPending(const Json::Value& value);

}  // namespace sspr::service
