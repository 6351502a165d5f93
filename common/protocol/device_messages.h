// SPDX-License-Identifier: Apache-2.0
// What a device and the service say to each other about the device itself: enrolment, heartbeats,
// the keys of permits (docs/protocol.md, "Devices"). Parsers are as strict as those of replies.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/protocol/device_key.h"

namespace sspr {

inline constexpr std::size_t kListedKeyBytes = 32;
inline constexpr std::size_t kListedSuccessionBytes = 112;

// A verifying key of permits, and the statement by which the key before made it its successor.
struct ListedPermitKey {
  int id = 0;
  std::array<unsigned char, kListedKeyBytes> public_key{};
  std::string succession;  // 112 bytes, or empty: the first of a chain
};

struct DeviceSettings {
  std::string version;
  bool devices_required = false;
  int required_gates = 1;
  int heartbeat_seconds = 0;
};

struct Enrolled {
  Thumbprint device_id{};
  std::vector<ListedPermitKey> permit_keys;
  DeviceSettings settings;
};

struct HeartbeatAnswer {
  std::vector<ListedPermitKey> permit_keys;
  std::optional<DeviceSettings> settings;
};

// What the discovery document says, as far as a machine's administrator wants to know it.
struct ServiceDescription {
  std::string issuer;
  std::vector<ListedPermitKey> permit_keys;
  bool enrols = false;
};

// What an enrolled device may know of somebody who signs in on it.
struct RegistrationState {
  bool enabled = false;
  bool capable = false;
  int methods = 0;
  bool nudge_due = false;
  std::string nudge_url = {};  // https://..., where methods are registered; may be empty
};

// What the service demands before somebody may go on at a login.
enum class SignInDemand { kNone, kReset, kBlock };

// What a machine tells of itself.
struct DeviceFacts {
  std::string name;      // 1 to 64 bytes of one line
  std::string os;        // at most 128
  std::string versions;  // at most 512
};

Result<SecretBody> EnrolmentForm(std::string_view client_id, const Secret& token,
                                 const DevicePublicKey& key, const DeviceFacts& facts);
// sequence 0: the device keeps no count.
Result<SecretBody> HeartbeatForm(std::string_view client_id, const DeviceFacts& facts,
                                 std::int64_t sequence);
Result<SecretBody> SignInDemandForm(std::string_view client_id, std::string_view account);
Result<SecretBody> RegistrationStateForm(std::string_view client_id, std::string_view username);

Result<Enrolled> ParseEnrolled(std::string_view body);
Result<HeartbeatAnswer> ParseHeartbeatAnswer(std::string_view body);
Result<ServiceDescription> ParseServiceDescription(std::string_view body);
Result<RegistrationState> ParseRegistrationState(std::string_view body);
Result<SignInDemand> ParseSignInDemand(std::string_view body);

}  // namespace sspr
