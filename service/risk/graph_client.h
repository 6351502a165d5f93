// SPDX-License-Identifier: Apache-2.0
// The part of Microsoft Graph that knows of risks: GET /identityProtection/riskyUsers and POST
// .../dismiss. A page's next link is followed on the same host alone. For one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/flow_service.h"
#include "service/graph/graph_session.h"
#include "service/graph/graph_settings.h"

namespace sspr::service {

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

  // All whose risk has changed since, oldest first. Errors: kUnreachable, kTimedOut, kProtocol,
  // kDenied (the app may not), kExpired (throttled or out of order: see retry_after()).
  Result<std::vector<RiskyUser>> ChangedSince(UnixSeconds since);
  // At most 60. kPolicy when Graph refuses one of the ids; the rest as above.
  Status Dismiss(const std::vector<std::string>& ids);

  // See GraphTokens.
  GraphTokens& tokens() { return *tokens_; }

  static constexpr std::size_t kMostDismissed = 60;
  // Seconds that Graph asked to wait with its last kExpired; 0: it did not say.
  int retry_after() const { return retry_after_; }

 private:
  GraphClient(const GraphSettings& settings, std::shared_ptr<GraphTokens> tokens,
              std::unique_ptr<GraphSession> session);
  struct Exchange;
  Result<std::string> Ask(const Exchange& exchange);

  const GraphSettings settings_;
  const std::shared_ptr<GraphTokens> tokens_;
  const std::unique_ptr<GraphSession> session_;
  int retry_after_ = 0;
};

}  // namespace sspr::service
