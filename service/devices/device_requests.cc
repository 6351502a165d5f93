// SPDX-License-Identifier: Apache-2.0
// What devices ask: the proof of a request, enrolment, heartbeats.
#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "common/protocol/device_proof.h"
#include "service/audit/audit_log.h"
#include "service/crypto/digest.h"
#include "service/crypto/service_keys.h"
#include "service/devices/device_registry.h"
#include "service/devices/device_texts.h"
#include "service/policy/limits.h"
#include "service/policy/policy.h"
#include "service/store/device_table.h"

namespace sspr::service {
namespace {

// A machine's clock may be off by this much; one that is off by more is given a nonce, which says
// as well that the proof is fresh.
constexpr UnixSeconds kProofSeconds = 120;
constexpr UnixSeconds kNonceSeconds = 300;  // a nonce is good in its own window and the next
// As long as a proof could be good by either.
constexpr UnixSeconds kRememberedSeconds = 2 * kNonceSeconds + kProofSeconds;
constexpr std::size_t kNonceDigits = 32;
constexpr std::size_t kShortestId = 8;
constexpr int kFailedEnrolmentsPerHour = 50;
constexpr int kHour = 3600;
constexpr int kHeartbeatSeconds = 6 * kHour;
constexpr std::size_t kVersionDigits = 16;

std::string_view AsText(const Thumbprint& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Scheme and host without regard to case, and without the port that https has anyway (RFC
// 3986, 6.2).
std::string NormalUrl(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::string(url);
  const std::size_t path = std::min(url.find('/', scheme + 3), url.size());
  std::string made(url.substr(0, path));
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  constexpr std::string_view kPort = ":443";
  if (made.starts_with("https://") && made.ends_with(kPort))
    made.resize(made.size() - kPort.size());
  return made + std::string(url.substr(path));
}

ProofRefusal Invalid(std::string detail) {
  return {.why = ProofRefusal::Why::kInvalid, .detail = std::move(detail)};
}

bool IsFact(std::string_view text, std::size_t most) {
  return text.size() <= most && IsCleanText(text, Lines::kOne);
}

}  // namespace

std::string DeviceRegistry::Nonce(UnixSeconds window) const {
  return ToHex(keys_.CodeDigest("dpop nonce:" + std::to_string(window))).substr(0, kNonceDigits);
}

std::string DeviceRegistry::FreshNonce() const { return Nonce(clock_.Now() / kNonceSeconds); }

bool DeviceRegistry::IsOurNonce(std::string_view nonce) const {
  const UnixSeconds window = clock_.Now() / kNonceSeconds;
  return SameBytes(nonce, Nonce(window)) || SameBytes(nonce, Nonce(window - 1));
}

std::variant<ProvenKey, ProofRefusal> DeviceRegistry::Prove(const SignedRequest& request) {
  const Result<ReadProof> proof = OpenProof(request.proof);
  if (!proof.ok()) return Invalid(proof.error().detail);
  const ProofClaims& claims = proof->claims;
  if (claims.method != request.method || NormalUrl(claims.url) != NormalUrl(request.url)) {
    return Invalid("the proof is of another request");
  }
  const std::optional<Thumbprint> digest = DigestOf(request.body);
  if (!digest || *digest != claims.body_digest) return Invalid("the proof is of another body");
  if (claims.id.size() < kShortestId) return Invalid("the proof's id is too short to be its own");

  const UnixSeconds now = clock_.Now();
  const bool has_nonce = IsOurNonce(claims.nonce);
  const bool is_late =
      claims.issued_at < now - kProofSeconds || claims.issued_at > now + kProofSeconds;
  const bool asks_nonce = LoadPolicy(store_).devices_nonce != 0;
  if (!has_nonce && (is_late || asks_nonce || !claims.nonce.empty())) {
    return ProofRefusal{.why = ProofRefusal::Why::kNonce, .detail = "a nonce is needed"};
  }
  ProvenKey key{.thumbprint = ToHex(AsText(proof->key.thumbprint())),
                .jwk = proof->key.jwk(),
                .device_id = {}};
  const std::string spent = ToHex(Sha256("proof:" + key.thumbprint + ":" + claims.id));
  if (!table_->SpendProof(spent, now + kRememberedSeconds, now)) {
    return Invalid("the proof was seen before");
  }
  const std::optional<DeviceRecord> device = table_->Find(key.thumbprint);
  if (device && device->revoked_at != 0) {
    return ProofRefusal{.why = ProofRefusal::Why::kRevoked, .detail = "the device was revoked"};
  }
  if (device) key.device_id = device->id;
  return key;
}

std::variant<std::string, EnrolRefusal> DeviceRegistry::Enrol(const DeviceEnrolment& request) {
  try {
    const std::vector<LimitRule> rules{{.bucket = "enrol:" + NetworkOf(request.address),
                                        .max = kFailedEnrolmentsPerHour,
                                        .window_seconds = kHour}};
    const LimitVerdict verdict = store_.Reserve(rules, clock_.Now());
    if (!verdict.allowed) return EnrolRefusal::kTooMany;
    auto tried = TryToEnrol(request);
    if (std::holds_alternative<std::string>(tried)) store_.Release(verdict.reservation);
    return tried;
  } catch (const std::exception&) {
    return EnrolRefusal::kInternal;
  }
}

std::variant<std::string, EnrolRefusal> DeviceRegistry::TryToEnrol(const DeviceEnrolment& request) {
  const Result<DevicePublicKey> named = DevicePublicKey::FromJwkText(request.public_key);
  const bool is_sound = named.ok() && IsDeviceName(request.name) &&
                        IsFact(request.os, kMostDeviceOsBytes) &&
                        IsFact(request.versions, kMostDeviceVersionsBytes) &&
                        ToHex(AsText(named->thumbprint())) == request.key.thumbprint;
  if (!is_sound) return EnrolRefusal::kMalformed;
  DeviceRecord device{.id = request.key.thumbprint,
                      .public_key = request.key.jwk,
                      .name = request.name,
                      .os = request.os,
                      .versions = request.versions,
                      .group = {},
                      .enrolment = {},
                      .revoked_because = {}};
  const auto note = [&](const char* outcome, std::string reason) {
    return audit_.Write({.event = "device.enrol",
                         .outcome = outcome,
                         .reason = std::move(reason),
                         .address = request.address,
                         .device = device.id,
                         .correlation_id = request.correlation_id},
                        AuditLog::Weight::kFinal);
  };
  // Before it is done, as everything; that it came to nothing is a line of its own.
  if (const Status begun = note("begun", request.name); !begun.ok()) {
    throw std::runtime_error("audit: " + begun.error().detail);
  }
  const auto done = table_->Enrol(ToHex(Sha256(request.token)), device, clock_.Now());
  switch (done) {
    case DeviceTable::Enrolment::kEnrolled:
    case DeviceTable::Enrolment::kAgain:
      (void)note("done", "token " + device.enrolment);
      return device.id;
    case DeviceTable::Enrolment::kBadToken:
      (void)note("refused", "bad token");
      return EnrolRefusal::kBadToken;
    case DeviceTable::Enrolment::kKeyRevoked:
      (void)note("refused", "revoked key");
      return EnrolRefusal::kRevoked;
  }
  return EnrolRefusal::kInternal;
}

Status DeviceRegistry::TakeHeartbeat(const Heartbeat& beat) {
  try {
    if (!IsFact(beat.os, kMostDeviceOsBytes) || !IsFact(beat.versions, kMostDeviceVersionsBytes) ||
        beat.sequence < 0) {
      return Error{Errc::kPolicy, "a malformed heartbeat"};
    }
    const UnixSeconds now = clock_.Now();
    if (table_->TakeHeartbeat(beat.device_id, beat.os, beat.versions, beat.sequence, now)) {
      return Ok();
    }
    return audit_.Write({.event = "device.suspected",
                         .outcome = "noted",
                         .reason = "its heartbeats went back: two machines may have one key",
                         .address = beat.address,
                         .device = beat.device_id,
                         .correlation_id = beat.correlation_id},
                        AuditLog::Weight::kFinal);
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

DeviceConfig DeviceRegistry::Config() {
  const Policy policy = LoadPolicy(store_);
  DeviceConfig config{.version = {},
                      .devices_required = policy.devices_required != 0,
                      .required_gates = policy.tenant_gates,
                      .heartbeat_seconds = kHeartbeatSeconds};
  const std::string all = std::to_string(policy.devices_required) + ":" +
                          std::to_string(config.required_gates) + ":" +
                          std::to_string(config.heartbeat_seconds);
  config.version = ToHex(Sha256(all)).substr(0, kVersionDigits);
  return config;
}

}  // namespace sspr::service
