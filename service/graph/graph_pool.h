// SPDX-License-Identifier: Apache-2.0
// A bounded number of connections to Microsoft Graph. Safe from several threads at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/graph/graph_session.h"

namespace sspr::service {

class GraphPool {
 public:
  // clock outlives it. patience: of one request, and for how long one that is throttled is asked
  // again. Errors as of GraphTokens::Make.
  static Result<std::unique_ptr<GraphPool>> Make(const GraphSettings& settings,
                                                 unsigned connections,
                                                 std::chrono::milliseconds patience,
                                                 const Clock& clock);

  struct Answer {
    HttpResponse http;
    // Before that answer there was another that does not tell whether the request took effect.
    bool was_in_doubt = false;
  };
  // As GraphSession::Send. What is throttled (429, 503) is sent again after the time that Graph
  // asks for, as long as that is within the patience; then the last answer is the result. kTimedOut
  // also when all connections are in use.
  Result<Answer> Ask(HttpRequest::Method method, const std::string& path, const SecretBody* json);

  GraphTokens& tokens() { return *tokens_; }

 private:
  class Lease;
  GraphPool(GraphSettings settings, unsigned connections, std::chrono::milliseconds patience,
            const Clock& clock)
      : settings_(std::move(settings)),
        connections_(connections),
        patience_(patience),
        clock_(clock) {}
  HttpLimits Limits() const;
  Result<HttpResponse> SendOnce(HttpRequest::Method method, const std::string& path,
                                const SecretBody* json);

  const GraphSettings settings_;
  const unsigned connections_;
  const std::chrono::milliseconds patience_;
  const Clock& clock_;
  std::shared_ptr<GraphTokens> tokens_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<GraphSession>> idle_;  // the one used last at the end
  unsigned out_ = 0;
};

}  // namespace sspr::service
