// SPDX-License-Identifier: Apache-2.0
#include "service/entra/entra_user.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/text.h"
#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "service/directory/active_directory_user.h"
#include "service/graph/graph_session.h"
#include "service/policy/group_names.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr char kUsers[] = "/v1.0/users";
constexpr char kSelect[] =
    "id,userPrincipalName,displayName,accountEnabled,userType,preferredLanguage,"
    "onPremisesSyncEnabled,onPremisesImmutableId,onPremisesSamAccountName,mailNickname,"
    "lastPasswordChangeDateTime";
constexpr std::size_t kLongestValue = 1024;
constexpr std::size_t kLongestLink = 4000;
constexpr std::size_t kMostOnAPage = 999;
constexpr std::size_t kGuidBytes = 16;
constexpr std::size_t kFewestCharacters = 8;  // of a password, in Entra ID

// Graph writes null for what is not there.
std::string TextOrNothing(const Json::Value& object, const char* name) {
  const Json::Value& value = object[name];
  if (!value.isString() || value.asString().size() > kLongestValue) return {};
  return value.asString();
}

// objectGUID of the source, base64 with padding, as Entra Connect writes it.
std::string PremisesIdOf(std::string_view immutable_id) {
  std::string text(immutable_id);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  std::array<unsigned char, kGuidBytes> bytes{};
  if (!FromBase64Url(text, bytes)) return {};
  return IdOfGuid({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).value_or("");
}

std::size_t CharactersIn(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// All that Graph says of an error, in small letters.
struct GraphFault {
  std::string text;
  bool is_of_password = false;
};

GraphFault FaultIn(std::string_view body) {
  GraphFault fault;
  const Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok() || !(*root)["error"].isObject()) return fault;
  const Json::Value& error = (*root)["error"];
  fault.text = LowerCase(TextOrNothing(error, "message"));
  const Json::Value& details = error["details"];
  if (details.isArray()) {
    for (const Json::Value& one : details) {
      if (!one.isObject()) continue;
      const std::string target = LowerCase(TextOrNothing(one, "target"));
      fault.is_of_password = fault.is_of_password || target.find("password") != target.npos;
      fault.text += " " + LowerCase(TextOrNothing(one, "code")) + " " +
                    LowerCase(TextOrNothing(one, "message"));
    }
  }
  fault.is_of_password = fault.is_of_password || fault.text.find("password") != fault.text.npos;
  return fault;
}

}  // namespace

bool IsEntraId(std::string_view id) {
  constexpr std::string_view kForm = "00000000-0000-0000-0000-000000000000";
  return std::ranges::equal(id, kForm, [](char c, char form) {
    if (form == '-') return c == '-';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

// A quote in OData is written twice. A canonical name has none; it costs nothing.
std::string PathOfName(std::string_view canonical_username) {
  std::string quoted;
  for (const char c : canonical_username) quoted.append(c == '\'' ? 2 : 1, c);
  return std::string(kUsers) +
         "?$filter=" + PercentEncoded("userPrincipalName eq '" + quoted + "'") +
         "&$select=" + PercentEncoded(kSelect) + "&$top=2";
}

std::string PathOfId(std::string_view id) {
  return PathToSet(id) + "?$select=" + PercentEncoded(kSelect);
}

std::string PathOfGroups(std::string_view id) {
  return PathToSet(id) +
         "/transitiveMemberOf?$select=" + PercentEncoded("id,displayName,isAssignableToRole") +
         "&$top=100";
}

std::string PathToSet(std::string_view id) { return std::string(kUsers) + "/" + std::string(id); }

Result<std::optional<EntraUser>> ReadEntraUser(const Json::Value& value,
                                               const EntraSettings& settings) {
  if (!value.isObject()) return Error{Errc::kProtocol, "a user is no object"};
  JsonFields fields(value);
  const std::string id = LowerCase(fields.String("id", kLongestValue));
  const std::string upn = fields.String("userPrincipalName", kLongestValue);
  if (!fields.sound()) return fields.error();
  if (!IsEntraId(id)) return Error{Errc::kProtocol, "the id of a user is no GUID"};
  if (!value["accountEnabled"].isBool()) {
    return Error{Errc::kProtocol, "accountEnabled is missing: give the app User.Read.All"};
  }
  const std::optional<std::string> name = CanonicalUserName(upn);
  if (!name) return std::optional<EntraUser>();
  EntraUser made;
  DirectoryUser& user = made.user;
  user.id = id;
  user.username = *name;
  user.display_name = TextOrNothing(value, "displayName");
  user.language = TextOrNothing(value, "preferredLanguage");
  // Of a guest the password is elsewhere.
  user.enabled = value["accountEnabled"].asBool() && TextOrNothing(value, "userType") != "Guest";
  if (!settings.account_attribute.empty()) {
    const std::string account = LowerCase(TextOrNothing(value, settings.account_attribute.c_str()));
    if (IsCarriableUserName(account)) user.local_account = account;
  }
  user.state_before = TextOrNothing(value, "lastPasswordChangeDateTime");
  const Result<UnixSeconds> changed = ReadGraphTime(user.state_before);
  user.password_changed_at = changed.ok() ? *changed : 0;
  user.password_generation = user.password_changed_at;
  const Json::Value& synchronized = value["onPremisesSyncEnabled"];
  made.is_synchronized = synchronized.isBool() && synchronized.asBool();
  if (made.is_synchronized) {
    made.premises_id = PremisesIdOf(TextOrNothing(value, "onPremisesImmutableId"));
  }
  return std::optional(std::move(made));
}

Result<EntraGroups> ReadEntraGroups(std::string_view body, const std::string& base_url) {
  const Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  const Json::Value* const value = fields.Array("value", kMostOnAPage);
  const auto link = fields.OptionalString("@odata.nextLink", kLongestLink);
  if (!fields.sound()) return fields.error();
  EntraGroups groups;
  for (const Json::Value& one : *value) {
    if (!one.isObject()) return Error{Errc::kProtocol, "a group is no object"};
    const std::string type = TextOrNothing(one, "@odata.type");
    if (type == "#microsoft.graph.directoryRole") groups.is_administrator = true;
    if (type != "#microsoft.graph.group") continue;
    const Json::Value& assignable = one["isAssignableToRole"];
    if (assignable.isBool() && assignable.asBool()) groups.is_administrator = true;
    for (std::string& name :
         std::array{TextOrNothing(one, "id"), TextOrNothing(one, "displayName")}) {
      if (IsGroupName(name)) groups.names.push_back(std::move(name));
    }
  }
  if (!link) return groups;
  // The token goes to nobody but the host that it is for.
  if (!link->starts_with(base_url + "/")) {
    return Error{Errc::kProtocol, "the next page is on another host"};
  }
  groups.next_path = link->substr(base_url.size());
  return groups;
}

bool WritePasswordProfile(const Secret& password, SecretBody& json) {
  if (password.empty() || !IsUtf8(password.Reveal())) return false;
  bool fits =
      json.Append(R"({"passwordProfile":{"forceChangePasswordNextSignIn":false,"password":")");
  for (const char& c : password.Reveal()) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '"' || c == '\\') fits = fits && json.Append("\\");
    fits = fits && json.Append({&c, 1});
  }
  return fits && json.Append(R"("}})");
}

std::optional<RefusalCode> ReasonOfGraph(std::string_view body, const Secret& password) {
  const GraphFault fault = FaultIn(body);
  if (!fault.is_of_password) return std::nullopt;
  constexpr std::array<std::pair<std::string_view, RefusalCode>, 9> kWords{{
      {"banned", RefusalCode::kPasswordBanned},
      {"recently", RefusalCode::kPasswordRecentlyUsed},
      {"history", RefusalCode::kPasswordRecentlyUsed},
      {"previously", RefusalCode::kPasswordRecentlyUsed},
      {"too short", RefusalCode::kPasswordTooShort},
      {"tooshort", RefusalCode::kPasswordTooShort},
      {"too long", RefusalCode::kPasswordTooLong},
      {"toolong", RefusalCode::kPasswordTooLong},
      {"too soon", RefusalCode::kPasswordTooYoung},
  }};
  for (const auto& [word, code] : kWords) {
    if (fault.text.find(word) != fault.text.npos) return code;
  }
  if (fault.text.find("complex") != fault.text.npos || fault.text.find("weak") != fault.text.npos ||
      fault.text.find("strength") != fault.text.npos) {
    return CharactersIn(password.Reveal()) < kFewestCharacters ? RefusalCode::kPasswordTooShort
                                                               : RefusalCode::kPasswordTooWeak;
  }
  return RefusalCode::kPasswordInvalid;
}

}  // namespace sspr::service
