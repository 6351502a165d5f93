// SPDX-License-Identifier: Apache-2.0
// One request that proves that it is this device's.
#pragma once

#include "common/base/result.h"
#include "common/http/http_transport.h"
#include "common/protocol/device_proof.h"

namespace sspr {

// Sends the POST with a proof of its own; once more with a nonce where the service asks for one
// (nothing was done then, so even a submit may be repeated). Errors as HttpTransport::Send's.
Result<HttpResponse> SendProven(HttpTransport& transport, DeviceProver& prover,
                                HttpRequest& request);

}  // namespace sspr
