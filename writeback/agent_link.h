// SPDX-License-Identifier: Apache-2.0
// The agent's way to the service: one connection, outbound. Not for use from two threads at once.
//
// Errors: kUnreachable and kTimedOut (try again later), kCancelled (the watched descriptor hung
// up), kDenied (the service refused; the detail is its words), kProtocol (what answered is not the
// service), kInternal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/http/http_transport.h"
#include "common/protocol/device_proof.h"
#include "service/writeback/messages.h"
#include "writeback/agent_config.h"

namespace sspr {

inline constexpr char kUnknownAgentWords[] = "invalid_client/agent_unknown";

class AgentLink {
 public:
  // clock outlives it. watched: a hang-up there ends whatever is under way; -1: nothing is.
  static Result<std::unique_ptr<AgentLink>> Make(const AgentConfig& config, DeviceKey key,
                                                 const Clock& clock, int watched);

  // The agent's id.
  Result<std::string> Register(const Secret& code, const SealingPublicKey& sealing_key,
                               const std::string& name);
  // What the last job came to; gives the next, or nothing after a while without one.
  Result<std::optional<service::WritebackJob>> Exchange(
      const std::string& session, int lane, const std::optional<service::WritebackAnswer>& answer);

 private:
  AgentLink(std::unique_ptr<HttpTransport> transport, DeviceProver prover)
      : transport_(std::move(transport)), prover_(std::move(prover)) {}
  Result<std::string> Post(const char* path, Result<SecretBody> form);

  std::unique_ptr<HttpTransport> transport_;
  DeviceProver prover_;
};

}  // namespace sspr
