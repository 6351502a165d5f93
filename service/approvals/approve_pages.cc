// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/approve_pages.h"

#include <array>
#include <optional>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "service/api/answer.h"
#include "service/api/guid.h"
#include "service/approvals/web_push.h"
#include "service/pages/page_set.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostText = 1024;
constexpr std::size_t kMostWord = 128;
constexpr int kMostSeconds = 2147483647;

struct PageFile {
  std::string_view path;
  std::string_view file;
  const char* type;
};
constexpr PageFile kFiles[] = {
    {"", "web/approve.html", "text/html; charset=utf-8"},
    {"/approve.css", "web/approve.css", "text/css; charset=utf-8"},
    {"/approve.js", "web/approve.js", "text/javascript; charset=utf-8"},
    {"/texts.js", "web/texts.js", "text/javascript; charset=utf-8"},
    {"/sw.js", "web/sw.js", "text/javascript; charset=utf-8"},
    {"/icon.svg", "web/icon.svg", "image/svg+xml"},
};

std::string PathOf(const std::string& url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(std::min(url.find('/', host), url.size()));
}

void Replace(std::string& text, std::string_view mark, std::string_view value) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), value);
    at += value.size();
  }
}

HttpReply JsonReply(int status, const Json::Value& value) {
  HttpReply reply{
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = Write(value)};
  AddPageHeaders(reply);
  return reply;
}

HttpReply Refused(int status, const char* error) {
  Json::Value object(Json::objectValue);
  object["error"] = error;
  return JsonReply(status, object);
}

HttpReply RefusedFor(const Error& error, UnixSeconds now) {
  switch (error.code) {
    case Errc::kDenied:
      return Refused(400, "unknown_phone");
    case Errc::kExpired: {
      Json::Value object(Json::objectValue);
      object["error"] = "clock";
      object["now"] = Json::Int64{now};
      return JsonReply(400, object);
    }
    case Errc::kPolicy:
    case Errc::kProtocol:
      return Refused(400, "malformed");
    case Errc::kCancelled:
    case Errc::kTimedOut:
    case Errc::kUnreachable:
    case Errc::kInternal:
      break;
  }
  return Refused(503, "internal");
}

// base64url of exactly so many bytes; else the fault is kept.
template <std::size_t kSize>
std::string BytesField(JsonFields& fields, const char* name) {
  std::array<unsigned char, kSize> bytes{};
  if (!FromBase64Url(fields.String(name, kMostText), bytes)) {
    fields.Fault(name, "is not base64url of that size");
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

PhoneProof ProofFields(JsonFields& fields) {
  return {.device_id = fields.String("device", kMostWord),
          .at = fields.Number("at", 0, kMostSeconds),
          .signature = BytesField<kP256SignatureBytes>(fields, "signature")};
}

std::optional<PhoneAnswer> AnswerNamed(std::string_view word) {
  for (const PhoneAnswer one : {PhoneAnswer::kApprove, PhoneAnswer::kDeny, PhoneAnswer::kReport}) {
    if (word == Name(one)) return one;
  }
  return std::nullopt;
}

const char* OutcomeWord(AnswerOutcome outcome) {
  switch (outcome) {
    case AnswerOutcome::kTaken:
      return "taken";
    case AnswerOutcome::kWrongNumber:
      return "wrong_number";
    case AnswerOutcome::kNothingWaits:
      break;
  }
  return "nothing_waits";
}

HttpReply TakeEnrolment(ApprovalDesk& desk, const Caller& caller, JsonFields& fields) {
  const EnrolRequest request{.code = fields.String("code", kMostWord),
                             .name = fields.String("name", kMostWord),
                             .public_key = BytesField<kP256PointBytes>(fields, "public_key"),
                             .signature = BytesField<kP256SignatureBytes>(fields, "signature")};
  if (!fields.sound()) return Refused(400, "malformed");
  const Result<EnrolledPhone> enrolled = desk.Enrol(caller, request);
  if (!enrolled.ok()) return RefusedFor(enrolled.error(), desk.Now());
  Json::Value object(Json::objectValue);
  object["device"] = enrolled->device_id;
  object["user"] = enrolled->username;
  return JsonReply(200, object);
}

HttpReply ShowList(ApprovalDesk& desk, JsonFields& fields) {
  const PhoneProof proof = ProofFields(fields);
  if (!fields.sound()) return Refused(400, "malformed");
  const Result<WaitingList> list = desk.List(proof);
  if (!list.ok()) return RefusedFor(list.error(), desk.Now());
  Json::Value object(Json::objectValue);
  object["user"] = list->username;
  object["now"] = Json::Int64{list->now};
  object["requests"] = Json::Value(Json::arrayValue);
  for (const WaitingApproval& one : list->requests) {
    Json::Value entry(Json::objectValue);
    entry["id"] = one.id;
    entry["operation"] = one.operation == Operation::kUnlock ? "unlock" : "reset";
    entry["machine"] = one.machine;
    entry["place"] = one.place;
    entry["created_at"] = Json::Int64{one.created_at};
    entry["expires_at"] = Json::Int64{one.expires_at};
    entry["digits"] = one.digits;
    object["requests"].append(std::move(entry));
  }
  return JsonReply(200, object);
}

HttpReply TakeAnswer(ApprovalDesk& desk, const Caller& caller, JsonFields& fields) {
  const std::string word = fields.String("answer", kMostWord);
  const std::optional<PhoneAnswer> answer = AnswerNamed(word);
  if (!answer) fields.Fault("answer", "is not one that we know");
  const AnswerRequest request{.device_id = fields.String("device", kMostWord),
                              .request_id = fields.String("request", kMostWord),
                              .answer = answer.value_or(PhoneAnswer::kDeny),
                              .number = fields.OptionalString("number", 16).value_or(""),
                              .signature = BytesField<kP256SignatureBytes>(fields, "signature")};
  if (!fields.sound()) return Refused(400, "malformed");
  const Result<AnswerOutcome> outcome = desk.Answer(caller, request);
  if (!outcome.ok()) return RefusedFor(outcome.error(), desk.Now());
  Json::Value object(Json::objectValue);
  object["outcome"] = OutcomeWord(*outcome);
  return JsonReply(200, object);
}

HttpReply TakeSubscription(ApprovalDesk& desk, const PushSettings& settings, JsonFields& fields) {
  const PhoneProof proof = ProofFields(fields);
  PushSubscription push;
  push.endpoint = fields.String("endpoint", kMostText);
  push.key = fields.String("p256dh", kMostWord);
  push.auth = fields.String("auth", kMostWord);
  (void)BytesField<kP256PointBytes>(fields, "p256dh");
  (void)BytesField<kPushAuthBytes>(fields, "auth");
  if (!fields.sound() || !IsPushEndpoint(settings, push.endpoint)) {
    return Refused(400, "malformed");
  }
  if (Status done = desk.Subscribe(proof, push); !done.ok()) {
    return RefusedFor(done.error(), desk.Now());
  }
  return JsonReply(200, Json::Value(Json::objectValue));
}

HttpReply OpenEvents(ApprovalDesk& desk, EventHub& hub, JsonFields& fields) {
  const PhoneProof proof = ProofFields(fields);
  if (!fields.sound()) return Refused(400, "malformed");
  const Result<std::string> user = desk.UserOf(proof);
  if (!user.ok()) return RefusedFor(user.error(), desk.Now());
  auto events = hub.Open(*user);
  if (events == nullptr) return Refused(503, "too_many");
  HttpReply reply{.status = 200, .headers = {{"Content-Type", "text/event-stream"}}, .body = {}};
  AddPageHeaders(reply);
  reply.events = std::move(events);
  return reply;
}

}  // namespace

ApprovePages::ApprovePages(ApprovePageSettings settings, ApprovalDesk& desk, EventHub& hub,
                           const Clock& clock, Api::Log log)
    : settings_(std::move(settings)),
      base_(PathOf(settings_.public_url)),
      prefix_(base_ + "/portal/approve"),
      desk_(desk),
      hub_(hub),
      clock_(clock),
      log_(std::move(log)) {}

HttpReply ApprovePages::Handle(const HttpRequestView& request) const noexcept {
  try {
    const std::chrono::milliseconds begun = clock_.Monotonic();
    std::string_view path = request.path;
    path.remove_prefix(std::min(prefix_.size(), path.size()));
    HttpReply reply;
    const char* error = "";
    try {
      reply = Dispatch(request, path);
    } catch (const std::exception&) {  // the database, the audit, out of memory
      error = "internal";
      reply = Refused(503, error);
    }
    if (log_) {
      const std::string shown = prefix_ + (reply.status == 404 ? "/(unknown)" : std::string(path));
      const std::string correlation = NewGuid();
      log_({.method = request.method == "POST" ? "POST" : "GET",
            .path = shown,
            .status = reply.status,
            .error = error,
            .taken = clock_.Monotonic() - begun,
            .address = request.address,
            .correlation_id = correlation});
    }
    return reply;
  } catch (...) {
    return {.status = 503, .headers = {}, .body = {}};
  }
}

HttpReply ApprovePages::Dispatch(const HttpRequestView& request, std::string_view path) const {
  if (request.method == "POST") return Post(request, path);
  if (request.method != "GET" && request.method != "HEAD") return Refused(405, "method");
  return path == "/manifest.webmanifest" ? Manifest() : File(path);
}

HttpReply ApprovePages::File(std::string_view path) const {
  if (path == "/") path = "";
  for (const PageFile& page : kFiles) {
    if (page.path != path) continue;
    for (const EmbeddedFile& file : ApprovePageFiles()) {
      if (file.name != page.file) continue;
      std::string text(file.Text());
      if (path.empty()) {
        Replace(text, "{base}", base_);
        Replace(text, "{url}", settings_.public_url);
        Replace(text, "{vapid}", settings_.vapid_key);
      }
      HttpReply reply{
          .status = 200, .headers = {{"Content-Type", page.type}}, .body = std::move(text)};
      AddPageHeaders(reply);
      // The page itself is the scope; the script lies one step below it.
      if (path == "/sw.js") reply.headers.emplace_back("Service-Worker-Allowed", prefix_);
      return reply;
    }
  }
  return Refused(404, "not_found");
}

HttpReply ApprovePages::Manifest() const {
  Json::Value object(Json::objectValue);
  object["id"] = prefix_;
  object["name"] = settings_.product;
  object["short_name"] = settings_.product;
  object["start_url"] = prefix_;
  object["scope"] = prefix_;
  object["display"] = "standalone";
  object["background_color"] = "#ffffff";
  object["theme_color"] = "#0b57b0";
  Json::Value icon(Json::objectValue);
  icon["src"] = prefix_ + "/icon.svg";
  icon["sizes"] = "any";
  icon["type"] = "image/svg+xml";
  object["icons"].append(std::move(icon));
  HttpReply reply = JsonReply(200, object);
  reply.headers.front().second = "application/manifest+json";
  return reply;
}

// A browser says where a request comes from; another site's cannot be JSON without asking first.
HttpReply ApprovePages::Post(const HttpRequestView& request, std::string_view path) const {
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin") return Refused(403, "foreign_page");
  if (!request.Header("content-type").starts_with("application/json")) {
    return Refused(400, "malformed");
  }
  const Result<Json::Value> root = ParseStrictJson(request.body);
  if (!root.ok()) return Refused(400, "malformed");
  JsonFields fields(*root);
  const Caller caller{.client_id = {}, .address = request.address, .correlation_id = NewGuid()};
  if (path == "/enrol") return TakeEnrolment(desk_, caller, fields);
  if (path == "/list") return ShowList(desk_, fields);
  if (path == "/answer") return TakeAnswer(desk_, caller, fields);
  if (path == "/subscribe") return TakeSubscription(desk_, settings_.push, fields);
  if (path == "/events") return OpenEvents(desk_, hub_, fields);
  return Refused(404, "not_found");
}

}  // namespace sspr::service
