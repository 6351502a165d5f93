// SPDX-License-Identifier: Apache-2.0
// Routing, and what all calls share.
#include "service/api/api.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include "common/protocol/wire.h"
#include "service/api/after_sign_in_endpoints.h"
#include "service/api/call.h"
#include "service/api/device_endpoints.h"
#include "service/api/guid.h"
#include "service/api/reset_endpoints.h"
#include "service/api/risk_endpoint.h"
#include "service/api/sign_in_endpoints.h"
#include "service/api/wire_text.h"

namespace sspr::service {
namespace {

constexpr char kKeysPath[] = "/discovery/v2.0/keys";
constexpr char kFormType[] = "application/x-www-form-urlencoded";
// What MSAL for browsers sends, beside ours.
constexpr char kAllowedHeaders[] =
    "content-type, client-request-id, return-client-request-id, x-client-cpu, "
    "x-client-current-telemetry, x-client-last-telemetry, x-client-os, x-client-sku, x-client-ver, "
    "dpop, x-sspr-client-attestation";
constexpr std::size_t kMaxClientIdBytes = 128;

std::string PathOf(const std::string& url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(std::min(url.find('/', host), url.size()));
}

HttpReply JsonReply(int status, const Json::Value& body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = Write(body)};
}

// The media type alone, whatever its parameters.
bool IsForm(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  std::string_view trimmed = type;
  while (trimmed.ends_with(' ')) trimmed.remove_suffix(1);
  return std::ranges::equal(trimmed, std::string_view(kFormType), same);
}

// For the log, which shows nothing of an unknown caller's own making.
std::string_view KnownMethod(std::string_view method) {
  for (const std::string_view known : {"POST", "GET", "HEAD", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "(other)";
}

bool IsClientId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxClientIdBytes &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

struct Api::Route {
  const char* path;
  Answer (*endpoint)(Call&);                      // of a POST, or null
  Json::Value (*document)(const Api&) = nullptr;  // of a GET, or null
  bool for_devices = false;  // never called by MSAL: a request without a good proof gets 401
};

Api::Api(ApiSettings settings, FlowService& engine, const TokenIssuer& tokens, const Clock& clock,
         Log log, MachineServices machines)
    : settings_(std::move(settings)),
      prefix_(PathOf(settings_.public_url)),
      engine_(engine),
      tokens_(tokens),
      clock_(clock),
      log_(std::move(log)),
      machines_(machines) {}

const Api::Route* Api::FindRoute(std::string_view path) const {
  static constexpr Route kRoutes[] = {
      {wire::kConfigurationPath, nullptr, [](const Api& api) { return api.Configuration(); }},
      {kKeysPath, nullptr, [](const Api& api) { return api.tokens_.PublicKeys(); }},
      {wire::kStartPath, StartReset},
      {wire::kIntrospectPath, IntrospectReset},
      {wire::kChallengePath, ChallengeReset},
      {wire::kContinuePath, ContinueReset},
      {wire::kHandOffPath, OfferHandOff},
      {wire::kSubmitPath, SubmitPassword},
      {wire::kUnlockPath, UnlockAccount},
      {wire::kPollPath, PollReset},
      {wire::kPolicyPath, ShowPolicy},
      {wire::kTransactionPath, ShowTransaction},
      {wire::kSignInInitiatePath, InitiateSignIn},
      {wire::kSignInChallengePath, ChallengeSignIn},
      {wire::kSignInIntrospectPath, ListSecondFactors},
      {wire::kTokenPath, IssueTokens},
      {wire::kRegisterIntrospectPath, ListRegistrable},
      {wire::kRegisterChallengePath, ChallengeRegistration},
      {wire::kRegisterContinuePath, ContinueRegistration},
      {wire::kRiskPath, ReportRisk},
      {wire::kRiskSignInPath, JudgeSignIn, nullptr, true},
      {wire::kRegisterStatePath, ShowRegistrationState, nullptr, true},
      {wire::kRegisterSnoozePath, SnoozeRegistration, nullptr, true},
      {wire::kEnrollPath, EnrolDevice, nullptr, true},
      {wire::kHeartbeatPath, TakeHeartbeat, nullptr, true},
  };
  if (!path.starts_with(prefix_)) return nullptr;
  path.remove_prefix(prefix_.size());
  const auto* const found =
      std::ranges::find_if(kRoutes, [path](const Route& route) { return path == route.path; });
  if (found == std::end(kRoutes)) return nullptr;
  return found->for_devices && machines_.devices == nullptr ? nullptr : found;
}

HttpReply Api::Handle(const HttpRequestView& request) const noexcept {
  try {
    const std::chrono::milliseconds begun = clock_.Monotonic();
    const std::string_view offered = request.Header("client-request-id");
    const RequestIds ids{.correlation = IsGuid(offered) ? std::string(offered) : NewGuid(),
                         .trace = NewGuid(),
                         .timestamp = Timestamp()};
    const Route* const route = FindRoute(request.path);
    Outcome outcome;
    try {
      outcome = Dispatch(request, route, ids);
    } catch (const std::exception&) {  // out of memory, jsoncpp
      const WireError error =
          ToWireError({.code = RefusalCode::kInternal, .detail = {}}, Area::kReset);
      outcome = {JsonReply(400, ErrorObject(error, ids)), error.error};
    }
    auto& headers = outcome.reply.headers;
    headers.emplace_back("client-request-id", ids.correlation);
    headers.emplace_back("x-ms-request-id", ids.correlation);
    const std::string_view origin = request.Header("origin");
    if (!settings_.cors_origins.empty()) headers.emplace_back("Vary", "Origin");
    if (IsAllowedOrigin(origin)) {
      headers.emplace_back("Access-Control-Allow-Origin", origin);
      headers.emplace_back("Access-Control-Expose-Headers",
                           "client-request-id, x-ms-request-id, dpop-nonce");
    }
    if (log_) {
      log_({.method = KnownMethod(request.method),
            .path = route != nullptr ? request.path : "(unknown)",
            .status = outcome.reply.status,
            .error = outcome.error,
            .taken = clock_.Monotonic() - begun,
            .address = request.address,
            .correlation_id = ids.correlation});
    }
    return std::move(outcome.reply);
  } catch (...) {
    return {.status = 503, .headers = {}, .body = {}};
  }
}

Api::Outcome Api::Dispatch(const HttpRequestView& request, const Route* route,
                           const RequestIds& ids) const {
  if (route == nullptr) {
    const WireError error{.error = "not_found",
                          .description = "There is nothing at this address. Check the base URL."};
    return {JsonReply(404, ErrorObject(error, ids)), error.error};
  }
  const char* const method = route->endpoint != nullptr ? "POST" : "GET";
  if (request.method == "OPTIONS" && IsAllowedOrigin(request.Header("origin"))) {
    return Preflight();
  }
  if (request.method != method) {
    const WireError error{.error = "invalid_request",
                          .description = std::string("Use the method ") + method + "."};
    Outcome refused{JsonReply(405, ErrorObject(error, ids)), error.error};
    refused.reply.headers.emplace_back("Allow", method);
    return refused;
  }
  if (route->document != nullptr) return {JsonReply(200, route->document(*this))};
  return Post(request, *route, ids);
}

Api::Outcome Api::Post(const HttpRequestView& request, const Route& route,
                       const RequestIds& ids) const {
  const auto refuse = [&ids](const WireError& error) {
    return Outcome{JsonReply(400, ErrorObject(error, ids)), error.error};
  };
  const auto deny = [&](const WireError& error) {
    Outcome denied = refuse(error);
    if (error.error == kUseNonce) {
      denied.reply.headers.emplace_back("DPoP-Nonce", machines_.devices->FreshNonce());
    }
    if (route.for_devices && IsOfProof(error)) {
      denied.reply.status = 401;
      denied.reply.headers.emplace_back("WWW-Authenticate", R"(DPoP algs="ES256 EdDSA")");
    }
    return denied;
  };
  if (!IsForm(request.Header("content-type"))) {
    return refuse({.error = "invalid_request",
                   .description = std::string("Send the parameters as ") + kFormType + "."});
  }
  const Result<Form> form = Form::Parse(request.body);
  if (!form) {
    return refuse({.error = "invalid_request",
                   .codes = {90100},
                   .description = "The form cannot be read: " + form.error().detail + "."});
  }
  const std::string_view client_id = form->Find("client_id");
  if (!IsClientId(client_id)) return refuse(BadParameter("client_id"));

  Call call{.form = *form,
            .caller = {.client_id = std::string(client_id),
                       .address = request.address,
                       .correlation_id = ids.correlation},
            .engine = engine_,
            .tokens = tokens_,
            .public_url = settings_.public_url,
            .machines = machines_,
            .permit_keys = &settings_.permit_keys,
            .bearer = BearerOf(request.Header("authorization")),
            .base_url = settings_.public_url};
  std::optional<ProvenKey> key;
  if (machines_.devices != nullptr) {
    const std::string url = settings_.public_url + std::string(request.path.substr(prefix_.size()));
    if (auto fault = ReadProofOf(request, url, *machines_.devices, key)) return deny(*fault);
    if (key) {
      call.key = &*key;
      call.caller.proof_key = key->thumbprint;
      call.caller.device_id = key->device_id;
    }
  }
  const Answer answer = route.endpoint(call);
  if (const auto* const members = std::get_if<Json::Value>(&answer)) {
    return {JsonReply(200, *members)};
  }
  if (const auto* const redirect = std::get_if<Redirect>(&answer)) {
    Json::Value object(Json::objectValue);
    object["challenge_type"] = wire::kTypeRedirect;
    if (!redirect->reason.empty()) object["redirect_reason"] = redirect->reason;
    return {JsonReply(200, object), wire::kTypeRedirect};
  }
  return deny(*std::get_if<WireError>(&answer));
}

Api::Outcome Api::Preflight() {
  HttpReply reply{.status = 204, .headers = {}, .body = {}};
  reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST");
  reply.headers.emplace_back("Access-Control-Allow-Headers", kAllowedHeaders);
  reply.headers.emplace_back("Access-Control-Max-Age", "600");
  return {std::move(reply)};
}

Json::Value Api::Configuration() const {
  const std::string& base = settings_.public_url;
  Json::Value object(Json::objectValue);
  object["issuer"] = base;
  object["api_versions"].append("v1.0");
  for (const char* capability :
       {wire::kCapabilityIntrospect, wire::kCapabilityTwoGates, wire::kCapabilityFinalSubmit,
        wire::kCapabilityUnlockPermit, wire::kCapabilityPush, wire::kCapabilityHandOff,
        wire::kCapabilityMfa, wire::kCapabilityRegistration}) {
    object["capabilities_supported"].append(capability);
  }
  for (const char* type :
       {wire::kTypeOob, wire::kTypeTotp, wire::kTypeQuestions, wire::kTypeRecoveryCode,
        wire::kTypeTemporaryPass, wire::kTypePassword, wire::kTypeRedirect}) {
    object["challenge_types_supported"].append(type);
  }
  for (const char* channel : {"email", "sms", "voice", "authenticator", wire::kChannelPush}) {
    object["challenge_channels_supported"].append(channel);
  }
  for (const char* operation : {wire::kOperationReset, wire::kOperationUnlock}) {
    object["operations_supported"].append(operation);
  }
  object["grant_types_supported"].append(wire::kGrantDeviceCode);
  object["device_authorization_endpoint"] = base + wire::kHandOffPath;
  object["permit_keys"] = ToJson(settings_.permit_keys);
  object["token_endpoint"] = base + wire::kTokenPath;
  object["risk_endpoint"] = base + wire::kRiskPath;
  if (machines_.devices != nullptr) {
    object["device_enrollment_endpoint"] = base + wire::kEnrollPath;
    object["registration_state_endpoint"] = base + wire::kRegisterStatePath;
    object["registration_snooze_endpoint"] = base + wire::kRegisterSnoozePath;
    object["risk_signin_endpoint"] = base + wire::kRiskSignInPath;
    object["device_heartbeat_endpoint"] = base + wire::kHeartbeatPath;
    for (const char* const algorithm : {"ES256", "EdDSA"}) {
      object["dpop_signing_alg_values_supported"].append(algorithm);
    }
  }
  object["jwks_uri"] = base + kKeysPath;
  return object;
}

bool Api::IsAllowedOrigin(std::string_view origin) const {
  return !origin.empty() &&
         std::ranges::find(settings_.cors_origins, origin) != settings_.cors_origins.end();
}

std::string Api::Timestamp() const {
  const std::time_t now = static_cast<std::time_t>(clock_.Now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
  return {text, length};
}

}  // namespace sspr::service
