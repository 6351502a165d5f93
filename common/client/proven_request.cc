// SPDX-License-Identifier: Apache-2.0
#include "common/client/proven_request.h"

#include "common/protocol/replies.h"

namespace sspr {

Result<HttpResponse> SendProven(HttpTransport& transport, DeviceProver& prover,
                                HttpRequest& request) {
  const std::string_view body =
      request.form != nullptr ? request.form->Reveal() : std::string_view();
  bool repeated = false;
  while (true) {
    const Result<std::string> proof = prover.Prove("POST", request.path, body);
    if (!proof.ok()) return proof.error();
    request.proof = *proof;
    Result<HttpResponse> response = transport.Send(request);
    request.proof = {};
    if (!response.ok() || response->proof_nonce.empty()) return response;
    prover.TakeNonce(response->proof_nonce);
    if (repeated || !AsksForNonce({response->status, response->content_type, response->body})) {
      return response;
    }
    repeated = true;
  }
}

}  // namespace sspr
