// SPDX-License-Identifier: Apache-2.0
#include "service/entra/entra_people.h"

#include <algorithm>
#include <iterator>

#include "common/protocol/json_fields.h"
#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

constexpr int kMostPages = 20;
constexpr std::size_t kMostOfAName = 2;
constexpr int kFound = 200;
constexpr int kNoSuchThing = 404;
constexpr char kNobody[] = "00000000-0000-0000-0000-000000000000";
constexpr char kPermissionsToRead[] =
    "give the app User.Read.All and GroupMember.Read.All, and consent";

StoreFailure Failure(const Error& error) { return StoreFailure("Entra ID: " + error.detail); }

}  // namespace

std::optional<std::string> EntraPeople::Look(const std::string& path) {
  Result<GraphPool::Answer> answer = pool_.Ask(HttpRequest::Method::kGet, path, nullptr);
  if (!answer.ok()) throw Failure(answer.error());
  if (answer->http.status == kNoSuchThing) return std::nullopt;
  if (answer->http.status != kFound) throw Failure(ExplainGraph(answer->http, kPermissionsToRead));
  return std::move(answer->http.body);
}

std::optional<EntraUser> EntraPeople::ByName(std::string_view canonical_username) {
  const std::optional<std::string> body = Look(PathOfName(canonical_username));
  const Result<Json::Value> root = ParseStrictJson(body.value_or(R"({"value":[]})"));
  if (!root.ok()) throw Failure(root.error());
  JsonFields fields(*root);
  const Json::Value* const value = fields.Array("value", kMostOfAName);
  if (!fields.sound()) throw Failure(fields.error());
  if (value->size() != 1) return WithGroups(std::nullopt);
  auto found = ReadEntraUser((*value)[0], settings_);
  if (!found.ok()) throw Failure(found.error());
  return WithGroups(std::move(*found));
}

std::optional<EntraUser> EntraPeople::ById(std::string_view id) {
  if (!IsEntraId(id)) return std::nullopt;
  const std::optional<std::string> body = Look(PathOfId(id));
  if (!body) return std::nullopt;
  const Result<Json::Value> root = ParseStrictJson(*body);
  if (!root.ok()) throw Failure(root.error());
  auto found = ReadEntraUser(*root, settings_);
  if (!found.ok()) throw Failure(found.error());
  if (*found && (*found)->user.id != id) {
    throw Failure({Errc::kProtocol, "another user than was asked for"});
  }
  return WithGroups(std::move(*found));
}

std::optional<EntraUser> EntraPeople::WithGroups(std::optional<EntraUser> found) {
  std::string path = PathOfGroups(found ? found->user.id : kNobody);
  for (int page = 0; page < kMostPages && !path.empty(); ++page) {
    const std::optional<std::string> body = Look(path);
    if (!body) path.clear();
    if (!body) break;
    Result<EntraGroups> groups = ReadEntraGroups(*body, base_url_);
    if (!groups.ok()) throw Failure(groups.error());
    path = std::move(groups->next_path);
    if (!found) continue;
    found->is_administrator = found->is_administrator || groups->is_administrator;
    std::ranges::move(groups->names, std::back_inserter(found->user.groups));
  }
  if (!found) return std::nullopt;
  // What was not read might be a role.
  if (!path.empty()) throw Failure({Errc::kProtocol, "too many groups of one person"});
  std::vector<std::string>& names = found->user.groups;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (found->is_administrator) found->user.enabled = false;
  return found;
}

}  // namespace sspr::service
