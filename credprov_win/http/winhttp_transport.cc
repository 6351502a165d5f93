// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/http/winhttp_transport.h"

#include <windows.h>
// After windows.h.
#include <bcrypt.h>
#include <io.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/http/reply_head.h"
#include "credprov_win/http/winhttp_exchange.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kLookInterval{50};  // between two looks whether the host is still there

bool IsGraphic(char c) { return c > ' ' && c < 0x7F; }

bool IsGraphicText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsGraphic);
}

// As in curl_transport.cc: what would need encoding is a mistake of ours.
bool IsPlainPath(std::string_view path) {
  return path.starts_with('/') && IsGraphicText(path) && path.find('#') == std::string_view::npos;
}

const wchar_t* VerbOf(HttpRequest::Method method) {
  switch (method) {
    case HttpRequest::Method::kGet:
      return L"GET";
    case HttpRequest::Method::kPost:
      return L"POST";
    case HttpRequest::Method::kPatch:
      return L"PATCH";
  }
  return L"GET";
}

// Whether it has a body.
bool Changes(std::wstring_view verb) { return verb == L"POST" || verb == L"PATCH"; }

std::wstring Wide(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

std::string NewGuid() {
  std::array<unsigned char, 16> bytes{};
  if (BCryptGenRandom(nullptr, bytes.data(), bytes.size(), BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0) {
    return {};
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);  // RFC 9562: version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string guid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) guid += '-';
    guid += kDigits[bytes[i] >> 4];
    guid += kDigits[bytes[i] & 0x0F];
  }
  return guid;
}

// The host of a login is gone when its pipe is.
bool HungUp(int fd) {
  if (fd < 0) return false;
  DWORD available = 0;
  return !PeekNamedPipe(reinterpret_cast<HANDLE>(_get_osfhandle(fd)), nullptr, 0, nullptr,
                        &available, nullptr);
}

class InternetHandle {
 public:
  InternetHandle() noexcept = default;
  explicit InternetHandle(HINTERNET handle) noexcept : handle_(handle) {}
  InternetHandle(const InternetHandle&) = delete;
  InternetHandle& operator=(const InternetHandle&) = delete;
  ~InternetHandle() {
    if (handle_ != nullptr) WinHttpCloseHandle(handle_);
  }
  void Set(HINTERNET handle) noexcept { handle_ = handle; }
  HINTERNET get() const noexcept { return handle_; }

 private:
  HINTERNET handle_ = nullptr;
};

Error LastError(const char* where) {
  return {Errc::kInternal, std::string(where) + ": error " + std::to_string(GetLastError())};
}

bool SetNumber(HINTERNET handle, DWORD option, DWORD value) {
  return WinHttpSetOption(handle, option, &value, sizeof value);
}

class WinHttpTransport final : public HttpTransport {
 public:
  explicit WinHttpTransport(HttpSettings settings) : settings_(std::move(settings)) {}
  Status Prepare();
  Status Open() override;
  Result<HttpResponse> Send(const HttpRequest& request) override;

 private:
  Status TakeUrl();
  Result<HttpResponse> Run(const wchar_t* verb, const HttpRequest& request, milliseconds limit);
  Result<HINTERNET> NewRequest(const wchar_t* verb, const std::string& path);
  std::wstring HeadersOf(const wchar_t* verb, const HttpRequest& request, const std::string& guid);
  // The news that is wanted, or what went wrong before it came.
  std::optional<Error> Await(WinHttpExchange& exchange, DWORD wanted, DWORD& bytes);
  std::optional<Error> ReadHead(WinHttpExchange& exchange, ReplyHead& head);
  std::optional<Error> ReadBody(WinHttpExchange& exchange, std::string& body);
  Error Explain(const WinHttpExchange& exchange, DWORD error) const;

  const HttpSettings settings_;
  std::wstring host_;
  std::string base_path_;
  INTERNET_PORT port_ = INTERNET_DEFAULT_HTTPS_PORT;
  InternetHandle session_;
  InternetHandle connection_;
  SteadyClock::time_point deadline_;
  bool server_echoes_ = false;
};

Status WinHttpTransport::TakeUrl() {
  const Error unfit{Errc::kInternal, "the base URL is not of the form https://host[:port][/path]"};
  const std::string& text = settings_.base_url;
  if (!IsGraphicText(text) || text.find_first_of("?#@\\%") != std::string::npos ||
      text.ends_with('/')) {
    return unfit;
  }
  const std::wstring wide = Wide(text);
  URL_COMPONENTS parts{};
  parts.dwStructSize = sizeof parts;
  parts.dwHostNameLength = parts.dwUrlPathLength = static_cast<DWORD>(-1);
  if (!WinHttpCrackUrl(wide.c_str(), static_cast<DWORD>(wide.size()), 0, &parts) ||
      parts.nScheme != INTERNET_SCHEME_HTTPS || parts.dwHostNameLength == 0) {
    return unfit;
  }
  host_.assign(parts.lpszHostName, parts.dwHostNameLength);
  port_ = parts.nPort;
  base_path_ = text.substr(text.size() - parts.dwUrlPathLength);
  // What stands behind the host must be the port that was read, and nothing more.
  std::string_view authority(text.data(), text.size() - base_path_.size());
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon > std::string_view("https").size() &&
                        authority.find(']', colon) == std::string_view::npos;
  if (has_port && authority.substr(colon + 1) != std::to_string(port_)) return unfit;
  return Ok();
}

Status WinHttpTransport::Prepare() {
  if (Status status = TakeUrl(); !status.ok()) return status;
  session_.Set(WinHttpOpen(Wide(settings_.user_agent).c_str(), WINHTTP_ACCESS_TYPE_DEFAULT_PROXY,
                           WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS, WINHTTP_FLAG_ASYNC));
  if (session_.get() == nullptr) return LastError("WinHttpOpen");
  constexpr DWORD kTls12 = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
  constexpr DWORD kTls13 = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3;
  // Windows before 11 refuses to hear of 1.3.
  if (!SetNumber(session_.get(), WINHTTP_OPTION_SECURE_PROTOCOLS, kTls12 | kTls13) &&
      !SetNumber(session_.get(), WINHTTP_OPTION_SECURE_PROTOCOLS, kTls12)) {
    return LastError("the versions of TLS");
  }
  const auto connect = static_cast<int>(settings_.limits.connect.count());
  const auto request = static_cast<int>(settings_.limits.request.count());
  WinHttpSetTimeouts(session_.get(), connect, connect, request, request);
  connection_.Set(WinHttpConnect(session_.get(), host_.c_str(), port_, 0));
  if (connection_.get() == nullptr) return LastError("WinHttpConnect");
  return Ok();
}

Status WinHttpTransport::Open() {
  Result<HttpResponse> answer = Run(L"OPTIONS", {.path = "/"}, settings_.limits.connect);
  if (!answer.ok()) return answer.error();
  return Ok();
}

Result<HttpResponse> WinHttpTransport::Send(const HttpRequest& request) {
  if (!IsPlainPath(request.path) || !IsGraphicText(request.proof) ||
      !IsGraphicText(request.bearer)) {
    return Error{Errc::kInternal, "unfit path or header"};
  }
  return Run(VerbOf(request.method), request, settings_.limits.request);
}

Result<HINTERNET> WinHttpTransport::NewRequest(const wchar_t* verb, const std::string& path) {
  const std::wstring whole = Wide(base_path_ + path);
  wchar_t accepted[] = L"application/json";
  const wchar_t* accept[] = {accepted, nullptr};
  const HINTERNET request =
      WinHttpOpenRequest(connection_.get(), verb, whole.c_str(), nullptr, WINHTTP_NO_REFERER,
                         accept, WINHTTP_FLAG_SECURE | WINHTTP_FLAG_ESCAPE_DISABLE);
  if (request == nullptr) return LastError("WinHttpOpenRequest");
  constexpr DWORD kNever = WINHTTP_OPTION_REDIRECT_POLICY_NEVER;
  constexpr DWORD kOff =
      WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_AUTHENTICATION;
  if (!SetNumber(request, WINHTTP_OPTION_REDIRECT_POLICY, kNever) ||
      !SetNumber(request, WINHTTP_OPTION_DISABLE_FEATURE, kOff)) {
    const Error error = LastError("WinHttpSetOption");
    WinHttpCloseHandle(request);
    return error;
  }
  // Best effort: ReplyHead counts the bytes too.
  SetNumber(request, WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE,
            static_cast<DWORD>(settings_.limits.header_bytes));
  // The machine must not offer its own certificates or accounts either.
  WinHttpSetOption(request, WINHTTP_OPTION_CLIENT_CERT_CONTEXT, WINHTTP_NO_CLIENT_CERT_CONTEXT, 0);
  return request;
}

std::wstring WinHttpTransport::HeadersOf(const wchar_t* verb, const HttpRequest& request,
                                         const std::string& guid) {
  std::string lines = "client-request-id: " + guid + "\r\n";
  if (Changes(verb)) {
    lines += request.json ? "Content-Type: application/json\r\n"
                          : "Content-Type: application/x-www-form-urlencoded\r\n";
  }
  if (!request.proof.empty()) lines += "DPoP: " + std::string(request.proof) + "\r\n";
  if (!request.bearer.empty()) {
    lines += "Authorization: Bearer " + std::string(request.bearer) + "\r\n";
  }
  return Wide(lines);
}

Result<HttpResponse> WinHttpTransport::Run(const wchar_t* verb, const HttpRequest& request,
                                           milliseconds limit) {
  deadline_ = SteadyClock::now() + limit;
  if (HungUp(settings_.watched_fd)) return Error{Errc::kCancelled, "the host hung up"};
  const std::string guid = NewGuid();
  if (guid.empty()) return Error{Errc::kInternal, "no random numbers"};
  const Result<HINTERNET> handle = NewRequest(verb, request.path);
  if (!handle.ok()) return handle.error();
  const bool is_post = Changes(verb);
  const std::string_view form =
      is_post && request.form != nullptr ? request.form->Reveal() : std::string_view();
  const std::shared_ptr<WinHttpExchange> exchange = WinHttpExchange::Start(*handle, form, is_post);
  if (!exchange) return LastError("WinHttpSetStatusCallback");
  struct Closer {
    WinHttpExchange& one;
    ~Closer() { one.Close(); }
  } closer{*exchange};
  DWORD bytes = 0;
  if (!exchange->SendRequest(HeadersOf(verb, request, guid))) {
    return Explain(*exchange, GetLastError());
  }
  if (auto error = Await(*exchange, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, bytes)) {
    return *error;
  }
  if (!exchange->AskForReply()) return Explain(*exchange, GetLastError());
  if (auto error = Await(*exchange, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, bytes)) {
    return *error;
  }
  ReplyHead head(settings_.limits.header_bytes, guid, server_echoes_);
  if (auto error = ReadHead(*exchange, head)) return *error;
  if (head.echoed()) server_echoes_ = true;
  std::string body;
  if (auto error = ReadBody(*exchange, body)) return *error;
  return HttpResponse{.status = head.status(),
                      .content_type = head.content_type(),
                      .body = std::move(body),
                      .proof_nonce = head.proof_nonce(),
                      .retry_after = head.retry_after(),
                      .date = head.date()};
}

std::optional<Error> WinHttpTransport::Await(WinHttpExchange& exchange, DWORD wanted,
                                             DWORD& bytes) {
  for (;;) {
    const WinHttpExchange::News news = exchange.Wait(kLookInterval);
    if (news.status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) return Explain(exchange, news.error);
    if (news.status == wanted) {
      bytes = news.bytes;
      return std::nullopt;
    }
    if (HungUp(settings_.watched_fd)) return Error{Errc::kCancelled, "the host hung up"};
    if (SteadyClock::now() >= deadline_) return Explain(exchange, ERROR_WINHTTP_TIMEOUT);
  }
}

// The lines as they came, to the same strict reader as elsewhere.
std::optional<Error> WinHttpTransport::ReadHead(WinHttpExchange& exchange, ReplyHead& head) {
  DWORD size = 0;
  WinHttpQueryHeaders(exchange.request(), WINHTTP_QUERY_RAW_HEADERS_CRLF,
                      WINHTTP_HEADER_NAME_BY_INDEX, nullptr, &size, WINHTTP_NO_HEADER_INDEX);
  if (size > 2 * settings_.limits.header_bytes + 2) return Error{Errc::kProtocol, "head too large"};
  std::wstring wide(size / sizeof(wchar_t) + 1, L'\0');
  size = static_cast<DWORD>(wide.size() * sizeof(wchar_t));
  if (!WinHttpQueryHeaders(exchange.request(), WINHTTP_QUERY_RAW_HEADERS_CRLF,
                           WINHTTP_HEADER_NAME_BY_INDEX, wide.data(), &size,
                           WINHTTP_NO_HEADER_INDEX)) {
    return LastError("WinHttpQueryHeaders");
  }
  wide.resize(size / sizeof(wchar_t));
  std::string text;
  for (const wchar_t c : wide) text += c > 0 && c < 0x80 ? static_cast<char>(c) : '\x01';
  std::string_view rest = text;
  while (!rest.empty() && !head.complete()) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) break;
    if (!head.TakeLine(rest.substr(0, end + 2))) return Error{Errc::kProtocol, head.fault()};
    rest.remove_prefix(end + 2);
  }
  if (!head.complete() && !head.TakeLine("\r\n")) return Error{Errc::kProtocol, head.fault()};
  if (!head.complete()) return Error{Errc::kProtocol, "the head of the reply has no end"};
  return std::nullopt;
}

std::optional<Error> WinHttpTransport::ReadBody(WinHttpExchange& exchange, std::string& body) {
  for (;;) {
    if (!exchange.AskForData()) return Explain(exchange, GetLastError());
    DWORD bytes = 0;
    if (auto error = Await(exchange, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, bytes)) return error;
    if (bytes == 0) return std::nullopt;
    if (bytes > settings_.limits.body_bytes - body.size()) {
      return Error{Errc::kProtocol, "body of the reply too large"};
    }
    body += exchange.data(bytes);
  }
}

Error WinHttpTransport::Explain(const WinHttpExchange& exchange, DWORD error) const {
  std::string detail = "WinHTTP error " + std::to_string(error);
  if (exchange.repeat_stopped()) detail = "the connection broke before the reply";
  if (exchange.sent()) detail += " (after the request was sent)";
  switch (error) {
    case ERROR_WINHTTP_TIMEOUT:
      return {Errc::kTimedOut, detail};
    case ERROR_WINHTTP_SECURE_CERT_DATE_INVALID:
      return {Errc::kUnreachable, kCertificateTimeDetail + detail};
    case ERROR_WINHTTP_SECURE_FAILURE: {
      const DWORD why = exchange.secure_failure();
      const bool is_time = why == WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID;
      return {Errc::kUnreachable, (is_time ? kCertificateTimeDetail : kCertificateDetail) + detail +
                                      ", flags " + std::to_string(why)};
    }
    case ERROR_WINHTTP_SECURE_CHANNEL_ERROR:
    case ERROR_WINHTTP_SECURE_INVALID_CA:
    case ERROR_WINHTTP_SECURE_INVALID_CERT:
    case ERROR_WINHTTP_SECURE_CERT_CN_INVALID:
    case ERROR_WINHTTP_SECURE_CERT_REVOKED:
    case ERROR_WINHTTP_SECURE_CERT_WRONG_USAGE:
      return {Errc::kUnreachable, kCertificateDetail + detail};
    case ERROR_WINHTTP_NAME_NOT_RESOLVED:
    case ERROR_WINHTTP_CANNOT_CONNECT:
    case ERROR_WINHTTP_CONNECTION_ERROR:
      return {Errc::kUnreachable, detail};
    case ERROR_WINHTTP_INVALID_SERVER_RESPONSE:
      // No reply is none that breaks the protocol.
      if (!exchange.anything_received()) return {Errc::kUnreachable, detail};
      return {Errc::kProtocol, detail};
    case ERROR_WINHTTP_HEADER_SIZE_OVERFLOW:
    case ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW:
    case ERROR_WINHTTP_INVALID_HEADER:
      return {Errc::kProtocol, detail};
    default:
      return {Errc::kInternal, detail};
  }
}

}  // namespace

Result<std::unique_ptr<HttpTransport>> OpenWinHttp(const HttpSettings& settings) {
  auto transport = std::make_unique<WinHttpTransport>(settings);
  if (Status status = transport->Prepare(); !status.ok()) return status.error();
  return std::unique_ptr<HttpTransport>(std::move(transport));
}

}  // namespace sspr
