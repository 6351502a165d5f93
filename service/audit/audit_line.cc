// SPDX-License-Identifier: Apache-2.0
#include "service/audit/audit_line.h"

#include <json/json.h>

#include <array>
#include <ctime>
#include <memory>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::string_view kHashMember = ",\"hash\":\"";
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kHashTailBytes = kHashMember.size() + kHashDigits + 2;  // and "}
constexpr std::size_t kLongestValue = 256;

std::string TimeText(UnixSeconds seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&time, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
    return std::to_string(seconds);
  }
  return text.data();
}

// Not in the middle of a character.
std::string Shortened(const std::string& value) {
  if (value.size() <= kLongestValue) return value;
  std::size_t size = kLongestValue;
  while (size > 0 && (static_cast<unsigned char>(value[size]) & 0xC0U) == 0x80U) --size;
  return value.substr(0, size);
}

void Put(std::string& line, const char* name, const std::string& value) {
  if (value.empty()) return;
  line.append(line.size() > 1 ? ",\"" : "\"").append(name).append("\":");
  line += Json::valueToQuotedString(Shortened(value).c_str());
}

std::optional<Json::Value> ParseObject(std::string_view line) {
  Json::Value object;
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  if (!reader->parse(line.data(), line.data() + line.size(), &object, nullptr) ||
      !object.isObject() || !object["n"].isUInt64()) {
    return std::nullopt;
  }
  for (const char* text : {"chain", "prev", "time", "event", "outcome"}) {
    if (!object[text].isString()) return std::nullopt;
  }
  return object;
}

std::string Text(const Json::Value& object, const char* name) {
  const Json::Value& value = object[name];
  return value.isString() ? value.asString() : std::string();
}

UnixSeconds TimeOf(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return 0;
  return timegm(&parts);
}

}  // namespace

std::string NoHash() { return std::string(kHashDigits, '0'); }

std::string AuditLine(const AuditEvent& event, UnixSeconds now, std::string_view after,
                      ChainEnd& end) {
  std::string line = "{";
  line.reserve(1024);
  Put(line, "chain", end.chain);
  line += ",\"n\":" + std::to_string(end.number + 1);
  Put(line, "time", TimeText(now));
  Put(line, "event", event.event);
  Put(line, "outcome", event.outcome);
  Put(line, "reason", event.reason);
  Put(line, "user_id", event.user_id);
  Put(line, "user", event.username.empty() ? "unknown user" : event.username);
  Put(line, "operator", event.actor);
  Put(line, "client_id", event.client_id);
  Put(line, "address", event.address);
  Put(line, "device", event.device);
  Put(line, "flow_id", event.flow_id);
  Put(line, "transaction_id", event.transaction_id);
  Put(line, "correlation_id", event.correlation_id);
  if (event.gates > 0) line += ",\"gates\":" + std::to_string(event.gates);
  for (std::size_t i = 0; i < event.methods.size(); ++i) {
    line += i == 0 ? ",\"methods\":[" : ",";
    line += Json::valueToQuotedString(event.methods[i].c_str());
    if (i + 1 == event.methods.size()) line += "]";
  }
  Put(line, "after", std::string(after));
  Put(line, "prev", end.hash);
  end = {.chain = end.chain, .number = end.number + 1, .hash = ToHex(Sha256(line))};
  return line.append(kHashMember).append(end.hash).append("\"}");
}

std::optional<AuditLink> ReadAuditLink(std::string_view line) {
  if (line.size() <= kHashTailBytes) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - kHashTailBytes);
  const std::string_view tail = line.substr(line.size() - kHashTailBytes);
  std::string hash(tail.substr(kHashMember.size(), kHashDigits));
  if (!tail.starts_with(kHashMember) || !tail.ends_with("\"}") || hash != ToHex(Sha256(body))) {
    return std::nullopt;
  }
  const std::optional<Json::Value> object = ParseObject(line);
  if (!object) return std::nullopt;
  return AuditLink{.end = {.chain = Text(*object, "chain"),
                           .number = (*object)["n"].asUInt64(),
                           .hash = std::move(hash)},
                   .prev = Text(*object, "prev"),
                   .after = Text(*object, "after")};
}

std::optional<AuditReading> ReadAuditLine(std::string_view line) {
  const std::optional<Json::Value> object = ParseObject(line);
  if (!object) return std::nullopt;
  AuditReading reading;
  reading.chain = Text(*object, "chain");
  reading.number = (*object)["n"].asUInt64();
  reading.time = Text(*object, "time");
  reading.at = TimeOf(reading.time);
  AuditEvent& event = reading.event;
  event = {.event = Text(*object, "event"),
           .outcome = Text(*object, "outcome"),
           .reason = Text(*object, "reason"),
           .user_id = Text(*object, "user_id"),
           .username = Text(*object, "user"),
           .actor = Text(*object, "operator"),
           .client_id = Text(*object, "client_id"),
           .address = Text(*object, "address"),
           .device = Text(*object, "device"),
           .flow_id = Text(*object, "flow_id"),
           .transaction_id = Text(*object, "transaction_id"),
           .correlation_id = Text(*object, "correlation_id")};
  if (event.user_id.empty() && event.username == "unknown user") event.username.clear();
  if ((*object)["gates"].isInt()) event.gates = (*object)["gates"].asInt();
  for (const Json::Value& method : (*object)["methods"]) {
    if (method.isString()) event.methods.push_back(method.asString());
  }
  return reading;
}

}  // namespace sspr::service
