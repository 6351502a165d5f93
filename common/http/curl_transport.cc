// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_transport.h"

#include <openssl/x509_vfy.h>
#include <poll.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/http/curl_library.h"
#include "common/http/hang_up_watch.h"
#include "common/http/url_parts.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

// libcurl closes a kept connection after 118 s by default; a person who looks for a code in the
// mail takes longer, and a new connection would cost three round trips after Enter.
constexpr long kIdleSeconds = 900;
constexpr long kKeepAliveIdleSeconds = 30;
constexpr long kKeepAliveIntervalSeconds = 10;
constexpr milliseconds kLongestPoll{1'000};

long Milliseconds(milliseconds value) {
  return static_cast<long>(std::max<milliseconds::rep>(value.count(), 1));
}

bool IsGraphic(char c) { return c > ' ' && c < 0x7F; }

// A path is ours, with no more than a few identifiers in it; anything that would need encoding is a
// mistake, and CR or LF would be another request.
bool IsPlainPath(std::string_view path) {
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), IsGraphic) &&
         path.find('#') == std::string_view::npos;
}

bool IsGraphicText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsGraphic);
}

Error Internal(CURLcode code) { return {Errc::kInternal, curl_easy_strerror(code)}; }

template <typename Value>
void Set(CURLcode& worst, CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (worst == CURLE_OK) worst = code;
}

}  // namespace

CurlTransport::CurlTransport(HttpSettings settings) : settings_(std::move(settings)) {}

CurlTransport::~CurlTransport() {
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

Result<std::unique_ptr<CurlTransport>> CurlTransport::Make(HttpSettings settings) {
  if (Status status = InitialiseCurl(); !status.ok()) return status.error();
  std::unique_ptr<CurlTransport> transport(new CurlTransport(std::move(settings)));
  if (Status status = transport->Prepare(); !status.ok()) return status.error();
  return transport;
}

Status CurlTransport::Prepare() {
  const std::optional<UrlParts> url = SplitUrl(settings_.base_url);
  if (!url || url->scheme != "https" || settings_.base_url.ends_with('/')) {
    return Error{Errc::kInternal, "the base URL is not of the form https://host[:port][/path]"};
  }
  easy_ = curl_easy_init();
  multi_ = curl_multi_init();
  if (easy_ == nullptr || multi_ == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
  if (Status status = PrepareConnection(); !status.ok()) return status;
  tls_rules_.emplace(url->host, settings_.ca_file);
  if (const CURLcode code = tls_rules_->ApplyTo(easy_); code != CURLE_OK) return Internal(code);
  return Ok();
}

Status CurlTransport::PrepareConnection() {
  CURLcode worst = CURLE_OK;
  Set(worst, easy_, CURLOPT_PROTOCOLS_STR, "https");
  Set(worst, easy_, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  Set(worst, easy_, CURLOPT_FOLLOWLOCATION, 0L);
  Set(worst, easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(worst, easy_, CURLOPT_HTTP09_ALLOWED, 0L);
  Set(worst, easy_, CURLOPT_PROXY, "");
  Set(worst, easy_, CURLOPT_NOPROXY, "*");
  Set(worst, easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(worst, easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  Set(worst, easy_, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(settings_.limits.connect));
  Set(worst, easy_, CURLOPT_MAXCONNECTS, 1L);
  Set(worst, easy_, CURLOPT_MAXAGE_CONN, kIdleSeconds);
  Set(worst, easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  Set(worst, easy_, CURLOPT_TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  Set(worst, easy_, CURLOPT_TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  // A look-up that hangs would otherwise be waited for past every limit.
  Set(worst, easy_, CURLOPT_QUICK_EXIT, 1L);
  Set(worst, easy_, CURLOPT_ERRORBUFFER, error_text_);
  Set(worst, easy_, CURLOPT_HEADERFUNCTION, &CurlTransport::OnHeader);
  Set(worst, easy_, CURLOPT_WRITEFUNCTION, &CurlTransport::OnBody);
  Set(worst, easy_, CURLOPT_PREREQFUNCTION, &CurlTransport::OnAboutToSend);
  if (worst != CURLE_OK) return Internal(worst);
  return Ok();
}

CurlTransport::Verb CurlTransport::VerbOf(HttpRequest::Method method) {
  switch (method) {
    case HttpRequest::Method::kGet:
      return Verb::kGet;
    case HttpRequest::Method::kPost:
      return Verb::kPost;
    case HttpRequest::Method::kPatch:
      return Verb::kPatch;
  }
  return Verb::kGet;
}

Status CurlTransport::Open() {
  Result<HttpResponse> answer = Run(Verb::kOptions, {.path = "/"}, settings_.limits.connect);
  if (!answer.ok()) return answer.error();
  return Ok();
}

Result<HttpResponse> CurlTransport::Send(const HttpRequest& request) {
  if (!IsPlainPath(request.path) || !IsGraphicText(request.proof) ||
      !IsGraphicText(request.bearer)) {
    return Error{Errc::kInternal, "unfit path or header"};
  }
  return Run(VerbOf(request.method), request, settings_.limits.request);
}

Result<HttpResponse> CurlTransport::Run(Verb verb, const HttpRequest& request, milliseconds limit) {
  const bool has_form = Changes(verb) && request.form != nullptr;
  const std::string_view form = has_form ? request.form->Reveal() : std::string_view();
  const std::string guid = NewGuid();
  if (guid.empty()) return Error{Errc::kInternal, "no random numbers"};
  Exchange exchange(settings_.limits, verb, guid, server_echoes_);
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, curl_slist_free_all);
  std::vector<std::string> lines{"Accept: application/json",
                                 "Expect:", "client-request-id: " + guid};
  if (request.json) lines.emplace_back("Content-Type: application/json");
  if (!request.proof.empty()) lines.push_back("DPoP: " + std::string(request.proof));
  if (!request.bearer.empty()) {
    lines.push_back("Authorization: Bearer " + std::string(request.bearer));
  }
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) return Internal(CURLE_OUT_OF_MEMORY);
    static_cast<void>(headers.release());  // longer is the same list
    headers.reset(longer);
  }
  CURLcode code = Configure(exchange, request.path, form, headers.get(), limit);
  if (code != CURLE_OK) return Internal(code);
  const std::optional<Error> ended = Drive(limit, code);
  // The form and the headers belong to callers who may end before this object does.
  curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, nullptr);
  if (exchange.head.echoed()) server_echoes_ = true;
  if (ended) return *ended;
  if (code != CURLE_OK) return Explain(code, exchange);
  return HttpResponse{.status = exchange.head.status(),
                      .content_type = exchange.head.content_type(),
                      .body = std::move(exchange.body),
                      .proof_nonce = exchange.head.proof_nonce(),
                      .retry_after = exchange.head.retry_after(),
                      .date = exchange.head.date()};
}

CURLcode CurlTransport::Configure(Exchange& exchange, const std::string& path,
                                  std::string_view form, curl_slist* headers, milliseconds limit) {
  CURLcode worst = CURLE_OK;
  Set(worst, easy_, CURLOPT_URL, (settings_.base_url + path).c_str());
  Set(worst, easy_, CURLOPT_HTTPGET, 1L);
  const char* verb = nullptr;
  switch (exchange.verb) {
    case Verb::kOptions:
      verb = "OPTIONS";
      break;
    case Verb::kGet:
      break;
    case Verb::kPatch:
      verb = "PATCH";
      [[fallthrough]];
    case Verb::kPost:
      // The pointer is used as it is: no copy of the form outlives this call but in libcurl's send
      // buffer, which is wiped when it is freed.
      Set(worst, easy_, CURLOPT_POST, 1L);
      Set(worst, easy_, CURLOPT_POSTFIELDS, form.empty() ? "" : form.data());
      Set(worst, easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
      break;
  }
  Set(worst, easy_, CURLOPT_CUSTOMREQUEST, verb);
  Set(worst, easy_, CURLOPT_HTTPHEADER, headers);
  Set(worst, easy_, CURLOPT_FRESH_CONNECT, ConnectionHasInput() ? 1L : 0L);
  Set(worst, easy_, CURLOPT_TIMEOUT_MS, Milliseconds(limit));
  Set(worst, easy_, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  Set(worst, easy_, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  Set(worst, easy_, CURLOPT_PREREQDATA, static_cast<void*>(&exchange));
  error_text_[0] = '\0';
  return worst;
}

// Runs the exchange to its end; code is then libcurl's verdict. An Error when it was ended here.
std::optional<Error> CurlTransport::Drive(milliseconds limit, CURLcode& code) {
  const SteadyClock::time_point deadline = SteadyClock::now() + limit;
  const HangUpWatch host(settings_.watched_fd);
  if (!host.ok()) return Error{Errc::kInternal, "the host's connection cannot be watched"};
  const Error gone{Errc::kCancelled, "the host hung up"};
  if (host.HungUp()) return gone;
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return Internal(CURLE_OUT_OF_MEMORY);
  std::optional<Error> ended;
  code = CURLE_OPERATION_TIMEDOUT;
  while (!ended) {
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) {
      ended = Error{Errc::kInternal, "libcurl failed"};
      break;
    }
    int left = 0;
    if (const CURLMsg* message = curl_multi_info_read(multi_, &left); message != nullptr) {
      code = message->data.result;
      break;
    }
    const auto rest = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now());
    if (rest <= milliseconds::zero()) break;
    curl_waitfd watch{host.readable_fd(), CURL_WAIT_POLLIN, 0};
    curl_multi_poll(multi_, &watch, settings_.watched_fd >= 0 ? 1U : 0U,
                    static_cast<int>(std::min(rest, kLongestPoll).count()), nullptr);
    if (host.HungUp()) ended = gone;
  }
  curl_multi_remove_handle(multi_, easy_);
  return ended;
}

// Between two exchanges the server has nothing to say: it closed the connection, or what comes
// would be taken for the reply to the next request. (Session tickets came before the last reply.)
bool CurlTransport::ConnectionHasInput() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) return false;
  if (socket == CURL_SOCKET_BAD) return false;
  pollfd idle{socket, POLLIN, 0};
  return ::poll(&idle, 1, 0) > 0;
}

Error CurlTransport::Explain(CURLcode code, const Exchange& exchange) const {
  if (!exchange.head.fault().empty()) return {Errc::kProtocol, exchange.head.fault()};
  if (exchange.body_too_large) return {Errc::kProtocol, "body of the reply too large"};
  std::string detail = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  if (exchange.repeat_stopped) detail = "the connection broke before the reply";
  if (exchange.sent) detail += " (after the request was sent)";
  // Only what libcurl can return here is sorted; the rest is our own mistake.
  if (code == CURLE_OPERATION_TIMEDOUT) return {Errc::kTimedOut, detail};
  if (code == CURLE_PEER_FAILED_VERIFICATION) return ExplainCertificate(code);
  if (exchange.repeat_stopped) return {Errc::kUnreachable, detail};
  for (const CURLcode one :
       {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
        CURLE_SSL_CIPHER, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE,
        CURLE_SSL_SHUTDOWN_FAILED}) {
    if (code == one) return {Errc::kUnreachable, detail};
  }
  for (const CURLcode one :
       {CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
        CURLE_FILESIZE_EXCEEDED, CURLE_HTTP_RETURNED_ERROR, CURLE_TOO_MANY_REDIRECTS}) {
    if (code == one) return {Errc::kProtocol, detail};
  }
  return {Errc::kInternal, detail};
}

Error CurlTransport::ExplainCertificate(CURLcode code) const {
  long verdict = X509_V_OK;
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verdict);
  const bool is_time =
      verdict == X509_V_ERR_CERT_NOT_YET_VALID || verdict == X509_V_ERR_CERT_HAS_EXPIRED;
  const char* const why = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  return {Errc::kUnreachable,
          std::string(is_time ? kCertificateTimeDetail : kCertificateDetail) + why};
}

std::size_t CurlTransport::OnHeader(char* data, std::size_t size, std::size_t count,
                                    void* exchange) {
  const std::size_t bytes = size * count;
  return static_cast<Exchange*>(exchange)->head.TakeLine({data, bytes}) ? bytes
                                                                        : CURL_WRITEFUNC_ERROR;
}

std::size_t CurlTransport::OnBody(char* data, std::size_t size, std::size_t count, void* exchange) {
  auto& self = *static_cast<Exchange*>(exchange);
  const std::size_t bytes = size * count;
  if (bytes > self.body_limit - self.body.size()) {
    self.body_too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  self.body.append(data, bytes);
  return bytes;
}

int CurlTransport::OnAboutToSend(void* exchange, char*, char*, int, int) {
  auto& self = *static_cast<Exchange*>(exchange);
  if (self.sent && Changes(self.verb)) {
    self.repeat_stopped = true;
    return CURL_PREREQFUNC_ABORT;
  }
  self.sent = true;
  return CURL_PREREQFUNC_OK;
}

}  // namespace sspr
