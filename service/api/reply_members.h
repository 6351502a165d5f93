// SPDX-License-Identifier: Apache-2.0
// The engine's values as members of JSON objects. docs/protocol.md is what they have to match.
#pragma once

#include <json/value.h>

#include "service/flow_service.h"

namespace sspr::service {

// methods, required_gates, completed_gates
void PutGates(const GateState& gates, Json::Value& object);

// A whole answer of /challenge.
Json::Value ChallengeMembers(const ChallengeReply& challenge);

Json::Value PolicyMembers(const PasswordPolicyReply& policy);

// As poll_completion says it; V1 has no word for a transaction that does not exist.
const char* StatusWord(TransactionStatus status);

// As /transaction says it.
const char* TransactionWord(TransactionStatus status);

}  // namespace sspr::service
