// SPDX-License-Identifier: Apache-2.0
// Where agents on the premises reach the service; below its base URL.
#pragma once

namespace sspr::wire {

inline constexpr char kWritebackRegisterPath[] = "/writeback/v1.0/register";
inline constexpr char kWritebackExchangePath[] = "/writeback/v1.0/exchange";
// The client_id of an agent.
inline constexpr char kWritebackClient[] = "sspr-writeback";

}  // namespace sspr::wire
