// SPDX-License-Identifier: Apache-2.0
// The members that say how many proofs are due and which methods may be used: in the answer to
// /start and in the error that asks for a second proof.
#pragma once

#include <cstddef>
#include <string>

#include "common/flow/service_values.h"
#include "common/protocol/json_fields.h"

namespace sspr {

inline constexpr std::size_t kMaxTokenBytes = 2048;  // percent-encoded it still fits a request

// "continuation_token": visible ASCII.
std::string TokenField(JsonFields& fields);
GateList GateFields(JsonFields& fields);

}  // namespace sspr
