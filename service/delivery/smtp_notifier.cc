// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/smtp_notifier.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/text.h"
#include "common/http/curl_library.h"
#include "common/http/tls_rules.h"
#include "common/http/url_parts.h"
#include "service/delivery/mail_message.h"
#include "service/delivery/notifier_settings.h"

namespace sspr::service {
namespace {

// What libcurl reads while it sends.
struct Upload {
  std::string_view rest;
};

std::size_t OnRead(char* out, std::size_t size, std::size_t count, void* upload) {
  auto& rest = static_cast<Upload*>(upload)->rest;
  const std::size_t bytes = std::min(size * count, rest.size());
  std::memcpy(out, rest.data(), bytes);
  rest.remove_prefix(bytes);
  return bytes;
}

std::string DomainOf(const std::string& address) { return address.substr(address.find('@') + 1); }

bool IsOneOf(long code, std::initializer_list<long> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// The reply codes of RFC 5321 and RFC 4954. The detail holds no text of the server's: it may repeat
// the address.
Error ExplainReply(long reply) {
  const std::string detail = "SMTP reply " + std::to_string(reply);
  if (IsOneOf(reply, {530, 534, 535, 538})) return {Errc::kDenied, detail};
  if (reply >= 500) return {Errc::kPolicy, detail};
  return {Errc::kUnreachable, detail};
}

Error Explain(CURLcode code, long reply) {
  const std::string detail = curl_easy_strerror(code);
  if (IsOneOf(code, {CURLE_LOGIN_DENIED, CURLE_USE_SSL_FAILED})) return {Errc::kDenied, detail};
  if (code == CURLE_OPERATION_TIMEDOUT) return {Errc::kTimedOut, detail};
  const bool after_reply = IsOneOf(code, {CURLE_SEND_ERROR, CURLE_RECV_ERROR,
                                          CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED});
  if (after_reply && reply >= 400) return ExplainReply(reply);
  if (IsOneOf(code, {CURLE_OUT_OF_MEMORY, CURLE_SSL_CACERT_BADFILE, CURLE_FAILED_INIT,
                     CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK})) {
    return {Errc::kInternal, detail};
  }
  return {Errc::kUnreachable, detail};
}

}  // namespace

struct SmtpNotifier::Session {
  Session(std::string host, const std::string& ca_file) : tls(std::move(host), ca_file) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (easy != nullptr) curl_easy_cleanup(easy);
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (worst == CURLE_OK) worst = code;
  }
  void Prepare(const SmtpSettings& settings, const Secret& password);

  TlsRules tls;
  CURL* easy = curl_easy_init();
  CURLcode worst = CURLE_OK;  // of all options that were set
};

void SmtpNotifier::Session::Prepare(const SmtpSettings& settings, const Secret& password) {
  worst = tls.ApplyTo(easy);
  // The path of an SMTP URL is the name that libcurl greets with.
  Set(CURLOPT_URL, (settings.url + "/" + DomainOf(settings.from_address)).c_str());
  Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  Set(CURLOPT_NOSIGNAL, 1L);  // the thread that sends has all signals blocked
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NOPROXY, "*");
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_USE_SSL,
      static_cast<long>(settings.require_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect.count()));
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings.request.count()));
  Set(CURLOPT_MAIL_FROM, settings.from_address.c_str());
  Set(CURLOPT_READFUNCTION, &OnRead);
  Set(CURLOPT_UPLOAD, 1L);
  if (!settings.user.empty()) {
    Set(CURLOPT_USERNAME, settings.user.c_str());
    Set(CURLOPT_PASSWORD, password.RevealTerminated());
  }
}

SmtpNotifier::SmtpNotifier(SmtpSettings settings, const Clock& clock,
                           std::unique_ptr<Session> session)
    : settings_(std::move(settings)), clock_(clock), session_(std::move(session)) {}

SmtpNotifier::~SmtpNotifier() = default;

Result<std::unique_ptr<SmtpNotifier>> SmtpNotifier::Make(SmtpSettings settings,
                                                         const Clock& clock) {
  const std::optional<UrlParts> url = SplitUrl(settings.url);
  const std::size_t host_start = settings.url.find("://") + 3;
  if (!url || (url->scheme != "smtp" && url->scheme != "smtps") ||
      settings.url.find('/', host_start) != std::string::npos) {
    return Error{Errc::kInternal, "the SMTP URL is not of the form smtp[s]://host[:port]"};
  }
  const bool encrypted = url->scheme == "smtps" || settings.require_starttls;
  if (!encrypted && !settings.allow_plain_text && !IsThisMachine(url->host)) {
    return Error{Errc::kInternal,
                 "mail to another machine needs smtps:// or STARTTLS, or the plain text allowed"};
  }
  if (!IsMailAddress(settings.from_address) || !IsCleanText(settings.from_name, Lines::kOne)) {
    return Error{Errc::kInternal, "the sender is not a plain mail address and a one-line name"};
  }
  Secret password;
  if (!settings.user.empty()) {
    Result<Secret> read = SecretInFile(settings.password_file, "SMTP password");
    if (!read.ok()) return read.error();
    password = std::move(read).value();
  }
  if (Status status = InitialiseCurl(); !status.ok()) return status.error();
  auto session = std::make_unique<Session>(url->host, settings.ca_file);
  if (session->easy == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
  session->Prepare(settings, password);
  if (session->worst != CURLE_OK) {
    return Error{Errc::kInternal, curl_easy_strerror(session->worst)};
  }
  return std::unique_ptr<SmtpNotifier>(
      new SmtpNotifier(std::move(settings), clock, std::move(session)));
}

Status SmtpNotifier::Send(const Message& message) {
  const std::string guid = NewGuid();
  if (guid.empty()) return Error{Errc::kInternal, "no random numbers"};
  const MailSender sender{settings_.from_address, settings_.from_name};
  const auto mail =
      EncodeMail(sender, message, clock_.Now(), guid + "@" + DomainOf(settings_.from_address));
  if (!mail.ok()) return mail.error();

  Upload upload{mail.value()->Reveal()};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> recipient(
      curl_slist_append(nullptr, message.to.c_str()), curl_slist_free_all);
  if (recipient == nullptr) return Error{Errc::kInternal, "no memory for libcurl"};
  session_->Set(CURLOPT_MAIL_RCPT, recipient.get());
  session_->Set(CURLOPT_READDATA, static_cast<void*>(&upload));
  session_->Set(CURLOPT_INFILESIZE, static_cast<long>(upload.rest.size()));
  if (session_->worst != CURLE_OK) return Error{Errc::kInternal, "libcurl refuses an option"};
  const CURLcode code = curl_easy_perform(session_->easy);
  const curl_slist* const nobody = nullptr;
  session_->Set(CURLOPT_MAIL_RCPT, nobody);
  if (code == CURLE_OK) return Ok();
  long reply = 0;
  curl_easy_getinfo(session_->easy, CURLINFO_RESPONSE_CODE, &reply);
  return Explain(code, reply);
}

}  // namespace sspr::service
