// SPDX-License-Identifier: Apache-2.0
#include "service/graph/graph_subscriptions.h"

#include <json/value.h>

#include "common/protocol/json_fields.h"
#include "service/graph/graph_pool.h"

namespace sspr::service {

Result<bool> HasServicePlan(const GraphSettings& settings, std::string_view plan,
                            std::chrono::milliseconds patience, const Clock& clock) {
  constexpr char kSubscriptions[] =
      "/v1.0/subscribedSkus?$select=capabilityStatus,servicePlans,skuPartNumber";
  auto pool = GraphPool::Make(settings, 1, patience, clock);
  if (!pool.ok()) return pool.error();
  const auto answer = (*pool)->Ask(HttpRequest::Method::kGet, kSubscriptions, nullptr);
  if (!answer.ok()) return answer.error();
  if (answer->http.status != 200) return ExplainGraph(answer->http, "look at its permissions");
  const Result<Json::Value> root = ParseStrictJson(answer->http.body);
  if (!root.ok()) return root.error();
  const Error unreadable{Errc::kProtocol, "the answer is no list of subscriptions"};
  if (!root->isObject() || !(*root)["value"].isArray()) return unreadable;
  for (const Json::Value& subscription : (*root)["value"]) {
    if (!subscription.isObject() || !subscription["servicePlans"].isArray()) return unreadable;
    const Json::Value& status = subscription["capabilityStatus"];
    // In its last days ("Warning") it still is in force.
    if (status != "Enabled" && status != "Warning") continue;
    for (const Json::Value& one : subscription["servicePlans"]) {
      if (one.isObject() && one["servicePlanName"] == std::string(plan) &&
          one["provisioningStatus"] == "Success") {
        return true;
      }
    }
  }
  return false;
}

}  // namespace sspr::service
