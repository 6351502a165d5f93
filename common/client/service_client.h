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
#include "common/protocol/requests.h"

namespace sspr {

class ServiceClient {
 public:
  // Null when there is no transport to be had; it has logged why.
  using OpenTransport = std::function<std::unique_ptr<HttpTransport>()>;

  ServiceClient(OpenTransport open, std::string client_id, std::vector<unsigned char> resume_key,
                const MachineLog& log);

  // Does not wait for delay_seconds: that is the caller's. Nothing: the host hung up meanwhile.
  std::optional<ServiceReply> Call(const ServiceCall& call, const Secret& code,
                                   const Secret& new_password);

 private:
  ServiceReply Failed(const ServiceCall& call, const Error& error);

  OpenTransport open_;
  std::string client_id_;
  std::vector<unsigned char> resume_key_;
  const MachineLog& log_;
  std::unique_ptr<HttpTransport> transport_;
};

}  // namespace sspr
