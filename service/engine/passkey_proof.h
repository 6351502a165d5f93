// SPDX-License-Identifier: Apache-2.0
// A passkey as the proof of a gate.
#pragma once

#include <string>

#include "service/engine/engine_parts.h"
#include "service/engine/offers.h"
#include "service/engine/sessions.h"
#include "service/webauthn/passkey.h"

namespace sspr::service {

// The method whose passkey answered the open challenge of the session; empty: none of the
// person's did. The offer is null when the person no longer has the method.
std::string IsPasskeyRight(EngineParts& parts, const Session& session, const Offer* offer,
                           const PasskeyAssertion& assertion);

}  // namespace sspr::service
