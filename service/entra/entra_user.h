// SPDX-License-Identifier: Apache-2.0
// What Microsoft Graph says of a person, and where to ask it. Pure.
#pragma once

#include <json/value.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "service/directory/directory.h"
#include "service/entra/entra_settings.h"

namespace sspr::service {

struct EntraUser {
  DirectoryUser user;
  bool is_administrator = false;  // see EntraGroups
  // The password is that of a directory on the premises, from which Entra ID has the person.
  bool is_synchronized = false;
  // As that directory's id, where it is an Active Directory; empty: not known.
  std::string premises_id;
};

// An object id: a GUID in small letters with its dashes.
bool IsEntraId(std::string_view id);

std::string PathOfName(std::string_view canonical_username);
std::string PathOfId(std::string_view id);
// Groups, directory roles and administrative units, also through other groups.
std::string PathOfGroups(std::string_view id);
// passwordProfile is set by a PATCH of this.
std::string PathToSet(std::string_view id);

// Without the groups, and what they say. kProtocol when that is no user. Nothing when the name is
// not one that people can type here.
Result<std::optional<EntraUser>> ReadEntraUser(const Json::Value& value,
                                               const EntraSettings& settings);

struct EntraGroups {
  std::vector<std::string> names;  // those of our form, and the object id of each
  // Has a directory role, or is in a group that may be given one.
  bool is_administrator = false;
  std::string next_path;  // of the next page; empty: that was the last
};
// One page. base_url: of Graph; a next page elsewhere is kProtocol.
Result<EntraGroups> ReadEntraGroups(std::string_view body, const std::string& base_url);

// {"passwordProfile": ...}; false when the password is none that JSON can carry, or too long.
bool WritePasswordProfile(const Secret& password, SecretBody& json);

// What a refusal to set that password means to the person; nothing when it is not the password that
// is refused.
std::optional<RefusalCode> ReasonOfGraph(std::string_view body, const Secret& password);

}  // namespace sspr::service
