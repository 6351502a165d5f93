// SPDX-License-Identifier: Apache-2.0
// Strict jsoncpp: no comments, no repeated keys, nothing behind the object, shallow, short.
#include "service/api/local_set.h"

#include <json/reader.h>

#include <memory>

#include "common/base/setpw_frames.h"
#include "common/base/text.h"
#include "service/api/wire_text.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMaxBytes = 1024;

Json::CharReaderBuilder StrictReader() {
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  builder["stackLimit"] = 4;
  return builder;
}

Error Refuse() { return {Errc::kPolicy, "local_set is not as it must be"}; }

}  // namespace

Result<LocalSet> ReadLocalSet(std::string_view json) {
  if (json.size() > kMaxBytes) return Refuse();
  Json::Value root;
  try {
    const std::unique_ptr<Json::CharReader> reader(StrictReader().newCharReader());
    if (!reader->parse(json.data(), json.data() + json.size(), &root, nullptr)) return Refuse();
  } catch (const Json::Exception&) {  // deeper than the limit
    return Refuse();
  }
  if (!root.isObject() || root.size() != 3) return Refuse();
  for (const char* name : {"account", "device_id", "nonce"}) {
    if (!root.isMember(name) || !root[name].isString()) return Refuse();
  }
  const auto device = Base64UrlDecode(root["device_id"].asString(), kDeviceIdBytes);
  const auto nonce = Base64UrlDecode(root["nonce"].asString(), kNonceBytes);
  LocalSet made{root["account"].asString(), device.value_or(""), nonce.value_or("")};
  if (!device || !nonce || !IsCarriableUserName(made.account)) return Refuse();
  return made;
}

}  // namespace sspr::service
