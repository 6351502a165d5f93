// SPDX-License-Identifier: Apache-2.0
// The service as an HTTP handler: one table from exact paths to endpoints, default deny. Does what
// all calls share: CORS, correlation ids, the form, the error object, one log line.
//
// Links, issuers and routes come from the configured public URL alone; Host and forwarding headers
// are not looked at.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/api/answer.h"
#include "service/api/machine_services.h"
#include "service/api/permit_key_list.h"
#include "service/api/token_issuer.h"
#include "service/flow_service.h"
#include "service/http/http_message.h"

namespace sspr::service {

struct ApiSettings {
  std::string public_url;                 // https://host[:port]/tenant, no slash at the end
  std::vector<std::string> cors_origins;  // exact; none: no CORS headers at all
  std::vector<PermitKey> permit_keys;
};

// One line of the log; what the caller typed is not in it.
struct RequestRecord {
  std::string_view method;
  std::string_view path;  // a route of ours, or "(unknown)"
  int status = 0;
  std::string_view error;  // of the error object, or empty
  std::chrono::milliseconds taken{0};
  std::string_view address;
  std::string_view correlation_id;
};

class Api {
 public:
  using Log = std::function<void(const RequestRecord&)>;

  // engine, tokens, clock and what is in machines outlive it. log is called on worker threads.
  Api(ApiSettings settings, FlowService& engine, const TokenIssuer& tokens, const Clock& clock,
      Log log, MachineServices machines = {});

  // Safe from several threads at once; never throws.
  HttpReply Handle(const HttpRequestView& request) const noexcept;

 private:
  struct Outcome {
    HttpReply reply;
    std::string error = {};
  };
  struct Route;

  const Route* FindRoute(std::string_view path) const;
  Outcome Dispatch(const HttpRequestView& request, const Route* route, const RequestIds& ids) const;
  Outcome Post(const HttpRequestView& request, const Route& route, const RequestIds& ids) const;
  static Outcome Preflight();
  Json::Value Configuration() const;
  bool IsAllowedOrigin(std::string_view origin) const;
  std::string Timestamp() const;

  const ApiSettings settings_;
  const std::string prefix_;  // the path of the public URL
  FlowService& engine_;
  const TokenIssuer& tokens_;
  const Clock& clock_;
  const Log log_;
  const MachineServices machines_;
};

}  // namespace sspr::service
