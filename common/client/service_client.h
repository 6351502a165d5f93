// SPDX-License-Identifier: Apache-2.0
// Calls of the flow engine as HTTP exchanges with the service. The transport is opened at the first
// call, behind the first question.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/client/machine_log.h"
#include "common/flow/flow_io.h"
#include "common/http/http_transport.h"
#include "common/protocol/device_proof.h"
#include "common/protocol/requests.h"

namespace sspr {

class ServiceClient {
 public:
  // Null when there is no transport to be had; it has logged why.
  using OpenTransport = std::function<std::unique_ptr<HttpTransport>()>;

  ServiceClient(OpenTransport open, std::string client_id, std::vector<unsigned char> resume_key,
                const MachineLog& log);

  // From now on every request proves that it is this device's.
  void ProveWith(DeviceProver prover) { prover_.emplace(std::move(prover)); }

  // Does not wait for delay_seconds: that is the caller's. Nothing: the host hung up meanwhile.
  std::optional<ServiceReply> Call(const ServiceCall& call, const Secret& code,
                                   const Secret& new_password);

 private:
  ServiceReply Failed(const ServiceCall& call, const Error& error);
  // With a proof, where there is a key; once more with the nonce that the service asks for.
  Result<HttpResponse> Send(HttpRequest& request);

  OpenTransport open_;
  std::string client_id_;
  std::vector<unsigned char> resume_key_;
  const MachineLog& log_;
  std::optional<DeviceProver> prover_;
  std::unique_ptr<HttpTransport> transport_;
};

}  // namespace sspr
