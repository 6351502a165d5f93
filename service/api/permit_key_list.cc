// SPDX-License-Identifier: Apache-2.0
#include "service/api/permit_key_list.h"

#include <utility>

#include "service/api/wire_text.h"

namespace sspr::service {

Json::Value ToJson(const std::vector<PermitKey>& keys) {
  Json::Value list(Json::arrayValue);
  for (const PermitKey& key : keys) {
    Json::Value entry(Json::objectValue);
    entry["kid"] = key.id;
    entry["public_key"] = Base64UrlEncode(key.public_key);
    if (!key.succession.empty()) entry["succession"] = Base64UrlEncode(key.succession);
    list.append(std::move(entry));
  }
  return list;
}

}  // namespace sspr::service
