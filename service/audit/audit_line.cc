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
constexpr std::size_t kTailBytes = kHashMember.size() + kHashDigits + 2;  // and "}
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

void Put(Json::Value& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value.substr(0, kLongestValue);
}

std::string Compact(const Json::Value& object) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  builder["emitUTF8"] = false;  // control characters of every kind are escaped
  return Json::writeString(builder, object);
}

}  // namespace

ChainEnd EmptyChain() { return {.number = 0, .hash = std::string(kHashDigits, '0')}; }

std::string AuditLine(const AuditEvent& event, UnixSeconds now, ChainEnd& end) {
  Json::Value object(Json::objectValue);
  object["n"] = Json::UInt64(end.number + 1);
  object["time"] = TimeText(now);
  object["event"] = event.event;
  object["outcome"] = event.outcome;
  Put(object, "reason", event.reason);
  Put(object, "user_id", event.user_id);
  object["user"] = event.username.empty() ? "unknown user" : event.username;
  Put(object, "operator", event.actor);
  Put(object, "client_id", event.client_id);
  Put(object, "address", event.address);
  Put(object, "device", event.device);
  Put(object, "flow_id", event.flow_id);
  Put(object, "transaction_id", event.transaction_id);
  Put(object, "correlation_id", event.correlation_id);
  if (event.gates > 0) object["gates"] = event.gates;
  for (const std::string& method : event.methods) object["methods"].append(method);
  object["prev"] = end.hash;
  std::string line = Compact(object);
  line.pop_back();  // the closing brace
  end = {.number = end.number + 1, .hash = ToHex(Sha256(line))};
  line += std::string(kHashMember) + end.hash + "\"}";
  return line;
}

std::optional<ChainEnd> ReadAuditLine(std::string_view line, const ChainEnd* follows) {
  if (line.size() <= kTailBytes) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - kTailBytes);
  const std::string_view tail = line.substr(line.size() - kTailBytes);
  const std::string hash(tail.substr(kHashMember.size(), kHashDigits));
  if (!tail.starts_with(kHashMember) || !tail.ends_with("\"}") || hash != ToHex(Sha256(body))) {
    return std::nullopt;
  }
  Json::Value object;
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  if (!reader->parse(line.data(), line.data() + line.size(), &object, nullptr) ||
      !object.isObject() || !object["n"].isUInt64() || !object["prev"].isString()) {
    return std::nullopt;
  }
  const std::uint64_t number = object["n"].asUInt64();
  if (follows != nullptr &&
      (number != follows->number + 1 || object["prev"].asString() != follows->hash)) {
    return std::nullopt;
  }
  return ChainEnd{.number = number, .hash = hash};
}

}  // namespace sspr::service
