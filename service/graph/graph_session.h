// SPDX-License-Identifier: Apache-2.0
// Requests to Microsoft Graph as an application that proves itself by a certificate
// (private_key_jwt, PS256, x5t#S256). https only, to two hosts that the configuration names.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/http/http_transport.h"
#include "service/graph/graph_settings.h"

namespace sspr::service {

class CertificateCredential;

// The app's access token, shared by the connections of a process; a new one is asked for shortly
// before it ends. Safe from several threads at once.
class GraphTokens {
 public:
  using AccessToken = SecretBuffer<8192>;

  // clock outlives it. kPolicy when the certificate or its key is unfit; kInternal.
  static Result<std::shared_ptr<GraphTokens>> Make(const GraphSettings& settings,
                                                   const HttpLimits& limits, const Clock& clock);
  ~GraphTokens();

  // Errors: kUnreachable, kTimedOut, kProtocol, kDenied (the app is not known, or may not),
  // kExpired (throttled or out of order; then retry_after), kPolicy, kInternal.
  Result<std::shared_ptr<const AccessToken>> Get();
  // Graph took that one no more.
  void Forget(const std::shared_ptr<const AccessToken>& token);
  // The permissions of applications in a new token, for an administrator. Microsoft promises a
  // token's form to none but Graph: kProtocol when it cannot be read.
  Result<std::vector<std::string>> Permissions();

  // Seconds by which the clock of the last answer was ahead of ours; nothing: it did not say.
  std::optional<UnixSeconds> ahead() const;
  // Seconds that the last answer asked to wait; 0: it did not say.
  int retry_after() const;

 private:
  GraphTokens(const GraphSettings& settings, const Clock& clock);
  Status SignIn();  // with the mutex

  const GraphSettings settings_;
  const Clock& clock_;
  std::unique_ptr<CertificateCredential> credential_;
  mutable std::mutex mutex_;
  std::unique_ptr<HttpTransport> login_;
  std::shared_ptr<const AccessToken> token_;
  UnixSeconds token_until_ = 0;
  int retry_after_ = 0;
  std::optional<UnixSeconds> ahead_;
};

// One connection. For one thread at a time.
class GraphSession {
 public:
  // kInternal.
  static Result<std::unique_ptr<GraphSession>> Make(const GraphSettings& settings,
                                                    const HttpLimits& limits,
                                                    std::shared_ptr<GraphTokens> tokens);

  // With a token; once more with a new one when Graph takes it no more. path: below base_url.
  // json: of a POST or PATCH, or null. Any answer of Graph is a value. Errors as of
  // HttpTransport::Send and GraphTokens::Get.
  Result<HttpResponse> Send(HttpRequest::Method method, const std::string& path,
                            const SecretBody* json);

 private:
  GraphSession(std::unique_ptr<HttpTransport> graph, std::shared_ptr<GraphTokens> tokens)
      : graph_(std::move(graph)), tokens_(std::move(tokens)) {}

  const std::unique_ptr<HttpTransport> graph_;
  const std::shared_ptr<GraphTokens> tokens_;
};

// An answer that is none of success, as an error: kExpired (throttled or out of order), kDenied,
// kPolicy. The detail is the status and Graph's own code, never its sentences.
Error ExplainGraph(const HttpResponse& answer, std::string_view when_denied);
// Graph's own code: error.code, or that of OAuth; empty: none that is plain.
std::string GraphErrorCode(std::string_view body);

// As in a query: all but RFC 3986's unreserved characters.
std::string PercentEncoded(std::string_view text);
// "2026-11-28T04:00:00Z", with or without a fraction. kProtocol.
Result<UnixSeconds> ReadGraphTime(std::string_view text);

}  // namespace sspr::service
