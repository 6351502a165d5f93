// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/device_messages.h"

#include <json/value.h>

#include <algorithm>
#include <span>

#include "common/protocol/base64url.h"
#include "common/protocol/form_writer.h"
#include "common/protocol/json_fields.h"

namespace sspr {
namespace {

constexpr std::size_t kMostKeys = 32;
constexpr std::size_t kMostMethods = 64;
constexpr std::size_t kLongestWord = 2048;
constexpr std::size_t kLongestUrl = 200;
constexpr int kHighestKeyId = 65535;
constexpr int kMostGates = 4;
constexpr int kLongestHeartbeat = 30 * 24 * 3600;

ListedPermitKey ReadKey(const Json::Value& entry, JsonFields& whole) {
  ListedPermitKey key;
  if (!entry.isObject()) {
    whole.Fault("permit_keys", "holds something else than objects");
    return key;
  }
  JsonFields fields(entry);
  key.id = fields.Number("kid", 0, kHighestKeyId);
  if (!FromBase64Url(fields.String("public_key", kLongestWord), key.public_key)) {
    fields.Fault("public_key", "is not 32 bytes");
  }
  if (const auto text = fields.OptionalString("succession", kLongestWord)) {
    std::array<unsigned char, kListedSuccessionBytes> bytes{};
    if (!FromBase64Url(*text, bytes)) fields.Fault("succession", "is not 112 bytes");
    key.succession.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  whole.Take(fields);
  return key;
}

std::vector<ListedPermitKey> ReadKeys(const Json::Value* list, JsonFields& fields) {
  std::vector<ListedPermitKey> keys;
  for (Json::ArrayIndex i = 0; list != nullptr && i < list->size(); ++i) {
    keys.push_back(ReadKey((*list)[i], fields));
  }
  return keys;
}

DeviceSettings ReadSettings(const Json::Value& object, JsonFields& whole) {
  JsonFields fields(object);
  DeviceSettings settings;
  settings.version = fields.String("version", kLongestWord);
  settings.devices_required = fields.SwitchOr("devices_required", false);
  settings.required_gates = fields.Number("required_gates", 1, kMostGates);
  settings.heartbeat_seconds = fields.Number("heartbeat_seconds", 0, kLongestHeartbeat);
  whole.Take(fields);
  return settings;
}

// The address is shown to people: visible ASCII, and short enough for a sentence.
void ReadNudge(const Json::Value& object, JsonFields& whole, RegistrationState& state) {
  JsonFields fields(object);
  state.nudge_due = fields.SwitchOr("due", false);
  state.nudge_url = fields.OptionalString("url", kLongestUrl).value_or("");
  const bool visible = std::all_of(state.nudge_url.begin(), state.nudge_url.end(),
                                   [](char c) { return c > ' ' && c < 0x7F; });
  if (!visible || !(state.nudge_url.empty() || state.nudge_url.starts_with("https://"))) {
    fields.Fault("url", "is no https address");
  }
  whole.Take(fields);
}

template <typename T, typename Reader>
Result<T> Read(std::string_view body, Reader read) {
  const Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  T value = read(fields);
  if (!fields.sound()) return fields.error();
  return value;
}

}  // namespace

Result<SecretBody> EnrolmentForm(std::string_view client_id, const Secret& token,
                                 const DevicePublicKey& key, const DeviceFacts& facts) {
  FormWriter form;
  form.Add("client_id", client_id);
  form.Add("enrollment_token", token.Reveal());
  form.Add("public_key", key.jwk());
  form.Add("name", facts.name);
  form.Add("os", facts.os);
  form.Add("versions", facts.versions);
  return form.Take();
}

Result<SecretBody> HeartbeatForm(std::string_view client_id, const DeviceFacts& facts,
                                 std::int64_t sequence) {
  FormWriter form;
  form.Add("client_id", client_id);
  form.Add("os", facts.os);
  form.Add("versions", facts.versions);
  if (sequence > 0) form.Add("sequence", std::to_string(sequence));
  return form.Take();
}

Result<SecretBody> SignInDemandForm(std::string_view client_id, std::string_view account) {
  FormWriter form;
  form.Add("client_id", client_id);
  form.Add("account", account);
  return form.Take();
}

Result<SecretBody> RegistrationStateForm(std::string_view client_id, std::string_view username) {
  FormWriter form;
  form.Add("client_id", client_id);
  form.Add("username", username);
  return form.Take();
}

Result<Enrolled> ParseEnrolled(std::string_view body) {
  return Read<Enrolled>(body, [](JsonFields& fields) {
    Enrolled enrolled;
    if (!FromBase64Url(fields.String("device_id", kLongestWord), enrolled.device_id)) {
      fields.Fault("device_id", "is not 32 bytes");
    }
    enrolled.permit_keys = ReadKeys(fields.Array("permit_keys", kMostKeys), fields);
    if (const Json::Value* settings = fields.OptionalObject("config")) {
      enrolled.settings = ReadSettings(*settings, fields);
    } else {
      fields.Fault("config", "is missing");
    }
    return enrolled;
  });
}

Result<HeartbeatAnswer> ParseHeartbeatAnswer(std::string_view body) {
  return Read<HeartbeatAnswer>(body, [](JsonFields& fields) {
    HeartbeatAnswer answer;
    fields.String("config_version", kLongestWord);
    answer.permit_keys = ReadKeys(fields.Array("permit_keys", kMostKeys), fields);
    if (const Json::Value* settings = fields.OptionalObject("config")) {
      answer.settings = ReadSettings(*settings, fields);
    }
    return answer;
  });
}

Result<ServiceDescription> ParseServiceDescription(std::string_view body) {
  return Read<ServiceDescription>(body, [](JsonFields& fields) {
    ServiceDescription service;
    service.issuer = fields.OptionalString("issuer", kLongestWord).value_or("");
    service.permit_keys = ReadKeys(fields.OptionalArray("permit_keys", kMostKeys), fields);
    service.enrols = fields.Has("device_enrollment_endpoint");
    return service;
  });
}

Result<RegistrationState> ParseRegistrationState(std::string_view body) {
  return Read<RegistrationState>(body, [](JsonFields& fields) {
    RegistrationState state;
    if (!fields.Has("sspr_enabled") || !fields.Has("sspr_capable")) {
      fields.Fault("sspr_enabled", "is missing");
    }
    state.enabled = fields.SwitchOr("sspr_enabled", false);
    state.capable = fields.SwitchOr("sspr_capable", false);
    const Json::Value* methods = fields.Array("methods_registered", kMostMethods);
    state.methods = methods == nullptr ? 0 : static_cast<int>(methods->size());
    if (const Json::Value* nudge = fields.OptionalObject("nudge")) {
      ReadNudge(*nudge, fields, state);
    }
    return state;
  });
}

Result<SignInDemand> ParseSignInDemand(std::string_view body) {
  return Read<SignInDemand>(body, [](JsonFields& fields) {
    const std::string word = fields.String("require", kLongestWord);
    if (word == "none") return SignInDemand::kNone;
    if (word == "reset") return SignInDemand::kReset;
    if (word != "block") fields.Fault("require", "is not one that we know");
    return SignInDemand::kBlock;
  });
}

}  // namespace sspr
