// SPDX-License-Identifier: Apache-2.0
// Which methods a person may use now. For a name that is nobody's, methods are made up: the same
// ones each time, and of the same look as a user's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/engine/engine_parts.h"
#include "service/policy/policy.h"

namespace sspr::service {

struct Offer {
  MethodOffer offer;
  std::optional<MethodRecord> record;  // nothing: made up
};

// Of the next gate: enabled, of a kind that was not passed, and known to the client. The default
// one is marked.
std::vector<Offer> OffersFor(EngineParts& parts, const FlowRecord& flow, const Policy& policy);

GateState GatesOf(const std::vector<Offer>& offers, const FlowRecord& flow, const Policy& policy);

// The offer with this id; with no id, the default. Null: there is none.
const Offer* Chosen(const std::vector<Offer>& offers, std::string_view method_id);

// Whether a user has what the policy asks for.
bool IsRegistered(const std::vector<MethodRecord>& methods, const Policy& policy,
                  const Capabilities& capabilities);

int CodeLength(const Policy& policy, MethodKind kind);

}  // namespace sspr::service
