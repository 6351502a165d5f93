// SPDX-License-Identifier: Apache-2.0
// The part of Microsoft Graph that knows of risks: GET /identityProtection/riskyUsers and POST
// .../dismiss, as an application that proves itself by a certificate (private_key_jwt, PS256,
// x5t#S256). https only, to two hosts that the configuration names; a page's next link is followed
// on the same host alone. For one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/engine/engine_settings.h"
#include "service/flow_service.h"

namespace sspr {
class HttpTransport;
}

namespace sspr::service {

class CertificateCredential;

struct RiskyUser {
  std::string id;  // object id of the user
  RiskLevel level = RiskLevel::kNone;
  std::string detail;  // Graph's riskDetail
  UnixSeconds updated_at = 0;
};

class GraphClient {
 public:
  // clock outlives it. kPolicy when the certificate or its key is unfit; kInternal.
  static Result<std::unique_ptr<GraphClient>> Make(const GraphSettings& settings,
                                                   const Clock& clock);
  ~GraphClient();

  // All whose risk has changed since, oldest first. Errors: kUnreachable, kTimedOut, kProtocol,
  // kDenied (the app may not), kExpired (throttled or out of order: see retry_after()).
  Result<std::vector<RiskyUser>> ChangedSince(UnixSeconds since);
  // At most 60. kPolicy when Graph refuses one of the ids; the rest as above.
  Status Dismiss(const std::vector<std::string>& ids);

  // Gets a new token and says which permissions of applications it holds, for an administrator.
  // Microsoft promises its form to none but Graph: kProtocol when it cannot be read.
  Result<std::vector<std::string>> Permissions();
  // Seconds by which the clock of the last answer was ahead of ours; nothing: it did not say.
  std::optional<UnixSeconds> ahead() const { return ahead_; }

  static constexpr std::size_t kMostDismissed = 60;
  // Seconds that Graph asked to wait with its last kExpired; 0: it did not say.
  int retry_after() const { return retry_after_; }

 private:
  using AccessToken = SecretBuffer<8192>;
  GraphClient(const GraphSettings& settings, const Clock& clock);
  Status SignIn();
  struct Exchange;
  // With a token; once more with a new one when Graph takes it no more.
  Result<std::string> Ask(const Exchange& exchange);
  Error Explain(int status, const std::string& body) const;

  const GraphSettings settings_;
  const Clock& clock_;
  std::unique_ptr<CertificateCredential> credential_;
  std::unique_ptr<HttpTransport> login_;
  std::unique_ptr<HttpTransport> graph_;
  AccessToken token_;
  UnixSeconds token_until_ = 0;
  int retry_after_ = 0;
  std::optional<UnixSeconds> ahead_;
};

// "2026-11-28T04:00:00Z", with or without a fraction. kProtocol.
Result<UnixSeconds> ReadGraphTime(std::string_view text);

}  // namespace sspr::service
