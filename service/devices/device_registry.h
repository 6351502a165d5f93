// SPDX-License-Identifier: Apache-2.0
// The devices that may ask for resets: tokens by which they are enrolled, proofs of possession by
// which each of their requests is known (RFC 9449), revocation. ssprctl, the admin pages and the
// API stand on this one class; every change is audited before it is made.
//
// Errors of what an administrator does: kPolicy (the value breaks a rule; the detail is a sentence
// that says what would be right), kDenied (no such device or token), kInternal (database or audit).
// Safe from several threads at once, and beside other processes on the same database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/store/device_records.h"

namespace sspr::service {

class AuditLog;
class DeviceTable;
class FlowStore;
class Random;
class ServiceKeys;
class SqlDatabase;

struct EnrolmentOrder {
  int uses = 1;       // 1 to 10000
  int minutes = 60;   // 1 to 43200 (30 days)
  std::string group;  // of the devices; one name, or empty
};

// The text is shown once.
struct EnrolmentToken {
  std::string id;
  std::string text;
  UnixSeconds expires_at = 0;
};

// A request that a device has signed.
struct SignedRequest {
  std::string_view method;
  std::string_view url;  // as the service is reached by its clients, without a query
  std::string_view body;
  std::string_view proof;
};

// Whose request it is.
struct ProvenKey {
  std::string thumbprint;  // hexadecimal
  std::string jwk;
  std::string device_id;  // the enrolled device that has this key; empty: none
};

struct ProofRefusal {
  enum class Why {
    kInvalid,  // malformed, of another request, too old, or seen before
    kNonce,    // to be repeated with the nonce of FreshNonce()
    kRevoked,  // the key is of a device that was revoked
  };
  Why why = Why::kInvalid;
  std::string detail;  // for the log
};

struct DeviceEnrolment {
  std::string_view token;
  ProvenKey key;           // of the request itself
  std::string public_key;  // JWK; must be that key
  std::string name;        // 1 to 64 bytes of one line
  std::string os;          // at most 128
  std::string versions;    // at most 512
  std::string address;     // of the caller
  std::string correlation_id;
};

enum class EnrolRefusal {
  kMalformed,
  kBadToken,
  kRevoked,
  kTooMany,  // failed enrolments from this network
  kInternal,
};

// What a device is to know, and by which text it can tell that it knows it already.
struct DeviceConfig {
  std::string version;
  bool devices_required = false;
  int required_gates = 1;
  int heartbeat_seconds = 0;
};

struct Heartbeat {
  std::string device_id;
  std::string os;
  std::string versions;
  std::int64_t sequence = 0;  // grows with each heartbeat of a device; 0: it keeps no count
  std::string address;
  std::string correlation_id;
};

class DeviceRegistry {
 public:
  // All of them outlive it.
  DeviceRegistry(SqlDatabase& database, FlowStore& store, AuditLog& audit, const ServiceKeys& keys,
                 Random& random, const Clock& clock);
  ~DeviceRegistry();

  // --- for administrators; `by` is who does it, for the audit
  Result<EnrolmentToken> IssueToken(const EnrolmentOrder& order, std::string_view by);
  Result<std::vector<EnrolmentTokenRecord>> ListTokens();
  Status RemoveToken(std::string_view id, std::string_view by);
  Result<std::vector<DeviceRecord>> List();
  // By its id, or by a beginning of it of at least 8 digits that no other device has.
  Result<DeviceRecord> Show(std::string_view id);
  Status Rename(std::string_view id, std::string_view name, std::string_view by);
  // From its next request on. It stays in the list, so that its key cannot be enrolled again.
  Status Revoke(std::string_view id, std::string_view because, std::string_view by);
  // Forgets the device and that it was revoked.
  Status Remove(std::string_view id, std::string_view by);

  // --- for the API
  // Spends the proof. Throws StoreFailure.
  std::variant<ProvenKey, ProofRefusal> Prove(const SignedRequest& request);
  std::string FreshNonce() const;
  // The device's id.
  std::variant<std::string, EnrolRefusal> Enrol(const DeviceEnrolment& request);
  Status TakeHeartbeat(const Heartbeat& heartbeat);
  DeviceConfig Config();

 private:
  bool IsOurNonce(std::string_view nonce) const;
  std::string Nonce(UnixSeconds window) const;
  void Note(const char* event, std::string_view device, std::string reason);
  std::variant<std::string, EnrolRefusal> TryToEnrol(const DeviceEnrolment& request);

  std::unique_ptr<DeviceTable> table_;
  FlowStore& store_;
  AuditLog& audit_;
  const ServiceKeys& keys_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace sspr::service
