// SPDX-License-Identifier: Apache-2.0
// HttpTransport by libcurl and OpenSSL. One easy handle and one connection; what is refused beyond
// http_transport.h: names in a certificate's CN, keys below 112 bits, content encodings, replies
// without a length.
//
// Open() warms up with an OPTIONS request, as libcurl lends a connection that was made without a
// request (CURLOPT_CONNECT_ONLY) to no later transfer. Any answer to it will do. It may be called
// again later: it costs one round trip then.
//
// libcurl repeats a request, POST or not, when a kept connection dies before the first byte of the
// reply. A POST or PATCH may have been processed by then, so the second time that one request is
// about to be sent it is stopped instead (kUnreachable). Only a connection that is found dead, or
// with bytes that nobody asked for, before anything is sent is replaced.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/http_settings.h"
#include "common/http/http_transport.h"
#include "common/http/reply_head.h"
#include "common/http/tls_rules.h"

namespace sspr {

class CurlTransport final : public HttpTransport {
 public:
  // Errors: kInternal (unfit settings, no memory, no descriptors).
  static Result<std::unique_ptr<CurlTransport>> Make(HttpSettings settings);
  ~CurlTransport() override;

  Status Open() override;
  Result<HttpResponse> Send(const HttpRequest& request) override;

 private:
  enum class Verb { kOptions, kGet, kPost, kPatch };

  // What the callbacks of one exchange share.
  struct Exchange {
    Exchange(const HttpLimits& limits, Verb its_verb, const std::string& guid, bool must_echo)
        : verb(its_verb),
          head(limits.header_bytes, guid, must_echo),
          body_limit(limits.body_bytes) {}
    Verb verb;
    ReplyHead head;
    std::size_t body_limit;
    std::string body;
    bool body_too_large = false;
    bool sent = false;
    bool repeat_stopped = false;
  };

  explicit CurlTransport(HttpSettings settings);
  static Verb VerbOf(HttpRequest::Method method);
  // Whether it has a body, and must not be sent twice.
  static bool Changes(Verb verb) { return verb == Verb::kPost || verb == Verb::kPatch; }
  Status Prepare();
  Status PrepareConnection();
  Result<HttpResponse> Run(Verb verb, const HttpRequest& request, std::chrono::milliseconds limit);
  CURLcode Configure(Exchange& exchange, const std::string& path, std::string_view form,
                     curl_slist* headers, std::chrono::milliseconds limit);
  std::optional<Error> Drive(std::chrono::milliseconds limit, CURLcode& code);
  Error Explain(CURLcode code, const Exchange& exchange) const;
  Error ExplainCertificate(CURLcode code) const;
  bool ConnectionHasInput() const;

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* exchange);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* exchange);
  static int OnAboutToSend(void* exchange, char*, char*, int, int);

  const HttpSettings settings_;
  std::optional<TlsRules> tls_rules_;
  CURL* easy_ = nullptr;
  CURLM* multi_ = nullptr;
  bool server_echoes_ = false;  // correlation ids: from the first that came back
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace sspr
