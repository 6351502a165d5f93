// SPDX-License-Identifier: Apache-2.0
// Enrolment and heartbeats of devices, and the proof that any request may carry (RFC 9449).
#pragma once

#include <optional>
#include <string>

#include "service/api/call.h"
#include "service/devices/device_registry.h"
#include "service/http/http_message.h"

namespace sspr::service {

// "use_dpop_nonce" (RFC 9449, 8): the answer needs a header with the nonce beside this error.
inline constexpr char kUseNonce[] = "use_dpop_nonce";

// Whose request it is; nothing when it has no proof. An error when the proof is not good.
std::optional<WireError> ReadProofOf(const HttpRequestView& request, const std::string& url,
                                     DeviceRegistry& devices, std::optional<ProvenKey>& key);

// Whether this error says that the request lacks a good proof.
bool IsOfProof(const WireError& error);

// The token of "Bearer TOKEN"; empty otherwise.
std::string_view BearerOf(std::string_view authorization);

// The refusal of an endpoint that answers enrolled devices alone; nothing for one of them.
std::optional<WireError> RefuseUnenrolled(const Call& call);

Answer EnrolDevice(Call& call);
Answer TakeHeartbeat(Call& call);

}  // namespace sspr::service
