// SPDX-License-Identifier: Apache-2.0
// The one way to the service: a connection to a fixed base URL. Implementations: curl_transport
// (Linux), and a fake for tests; tests/contract/http holds all of them to what is written here.
//
// TLS 1.2 or better, certificate and host name always verified, no redirects, nothing from the
// environment (no proxy, no netrc, no trust store), one connection kept for the life of the object.
// Not for use from two threads at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr {

struct HttpRequest {
  enum class Method { kGet, kPost, kPatch };
  Method method = Method::kPost;
  std::string path;  // appended to the base URL; begins with '/'
  // Form body of a POST or PATCH (application/x-www-form-urlencoded); may hold secrets. Null for
  // kGet. Owned by the caller, who keeps it alive and unchanged during Send.
  const SecretBody* form = nullptr;
  std::string_view proof = {};   // value of a DPoP header (RFC 9449); empty: none
  std::string_view bearer = {};  // token of an Authorization header (RFC 6750); empty: none
  bool json = false;             // the body is JSON, no form
};

inline bool HasBody(HttpRequest::Method method) { return method != HttpRequest::Method::kGet; }

struct HttpResponse {
  int status = 0;
  std::string content_type;      // without parameters, lower case
  std::string body;              // at most HttpLimits::body_bytes
  std::string proof_nonce = {};  // of a DPoP-Nonce header; empty: none
  int retry_after = 0;           // seconds, of a Retry-After header; 0: none, or a date
  // Unix seconds, of a Date header as RFC 9110 wants it; 0: none.
  std::int64_t date = 0;
};

struct HttpLimits {
  std::chrono::milliseconds connect{5'000};   // TCP and TLS
  std::chrono::milliseconds request{15'000};  // one whole exchange, connecting included
  std::size_t body_bytes = 64 * 1024;
  std::size_t header_bytes = 16 * 1024;
};

class HttpTransport {
 public:
  HttpTransport() = default;
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;
  virtual ~HttpTransport() = default;

  // Connects and finishes the TLS handshake ahead of the first Send. Best effort: a failure shows
  // again, with its reason, at the next Send.
  virtual Status Open() = 0;

  // One exchange. Errors: kUnreachable (name, route, refused, certificate), kTimedOut, kProtocol
  // (limits passed, not HTTP, a redirect), kCancelled (the watched descriptor hung up), kInternal.
  // The detail is for the log. Any HTTP status but a redirect is a value, not an error.
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
};

}  // namespace sspr
