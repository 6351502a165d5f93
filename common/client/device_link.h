// SPDX-License-Identifier: Apache-2.0
// What the administrator's tools ask the service: what it is, and about this machine.
//
// Errors of all calls: kUnreachable and kTimedOut (try again later; details as http_settings.h has
// them), kDenied (the service refused; the detail is its error words, "error/suberror"), kProtocol
// (what answered is not the service, or not as agreed), kInternal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/client_config.h"
#include "common/http/http_transport.h"
#include "common/protocol/device_messages.h"
#include "common/protocol/device_proof.h"

namespace sspr {

inline constexpr char kRevokedWords[] = "invalid_client/device_revoked";
inline constexpr char kUnknownDeviceWords[] = "invalid_client/device_required";
inline constexpr char kBadTokenWords[] = "invalid_grant/invalid_enrollment_token";

class DeviceLink {
 public:
  // All of them outlive it.
  DeviceLink(const ClientConfig& config, HttpTransport& transport, const Clock& clock)
      : config_(config), transport_(transport), clock_(clock) {}

  // From now on the machine's requests are proved with this key.
  void ProveWith(DeviceKey key);

  Result<ServiceDescription> Describe();
  // The following need a key.
  Result<Enrolled> Enrol(const Secret& token, const DeviceFacts& facts);
  Result<HeartbeatAnswer> Heartbeat(const DeviceFacts& facts, std::int64_t sequence);
  Result<RegistrationState> StateOf(const std::string& service_user_name);

  // The service's clock less ours, of its last answer. Nothing when it did not say.
  std::optional<std::int64_t> clock_difference() const { return clock_difference_; }

 private:
  Result<HttpResponse> Post(const char* path, Result<SecretBody> form);
  void TakeDate(const HttpResponse& response, UnixSeconds asked_at);

  const ClientConfig& config_;
  HttpTransport& transport_;
  const Clock& clock_;
  std::optional<DeviceProver> prover_;
  std::optional<std::int64_t> clock_difference_;
};

}  // namespace sspr
