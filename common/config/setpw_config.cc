// SPDX-License-Identifier: Apache-2.0
#include "common/config/setpw_config.h"

#include <limits>

#include "common/base/text.h"
#include "common/config/known_keys.h"

namespace sspr {
namespace {

constexpr char kSection[] = "machine";
// No setting opens the accounts of the system.
constexpr int kLowestMinUid = 500;
constexpr int kMostUid = std::numeric_limits<int>::max();

Result<std::vector<std::string>> GroupsFrom(const IniFile& file, const IniEntry& entry) {
  std::vector<std::string> groups;
  std::string_view rest = entry.value;
  while (true) {
    const std::size_t first = rest.find_first_not_of(" \t,");
    if (first == std::string_view::npos) return groups;
    rest.remove_prefix(first);
    const std::string_view name = rest.substr(0, rest.find_first_of(" \t,"));
    if (!IsCarriableUserName(name)) {
      return file.Refuse(entry, "'deny_groups' must be group names with spaces between them");
    }
    groups.emplace_back(name);
    rest.remove_prefix(name.size());
  }
}

}  // namespace

Result<SetpwConfig> ReadSetpwConfig(const IniFile& file) {
  SetpwConfig config;
  if (Status known = file.OnlyKnown(kKnownKeys); !known) return known.error();
  for (auto [key, value] : {std::pair{"device_id_file", &config.device_id_file},
                            std::pair{"permit_key_file", &config.permit_key_file},
                            std::pair{"state_dir", &config.state_dir}}) {
    Result<std::string> path = file.PathOr(kSection, key, *value);
    if (!path) return path.error();
    *value = std::move(*path);
  }
  const Result<int> min_uid =
      file.NumberOr(kSection, "min_uid", static_cast<int>(config.min_uid), kLowestMinUid, kMostUid);
  if (!min_uid) return min_uid.error();
  const Result<int> max_uid =
      file.NumberOr(kSection, "max_uid", static_cast<int>(config.max_uid), *min_uid, kMostUid);
  if (!max_uid) return max_uid.error();
  config.min_uid = static_cast<std::uint32_t>(*min_uid);
  config.max_uid = static_cast<std::uint32_t>(*max_uid);
  if (const IniEntry* entry = file.Find(kSection, "deny_groups")) {
    Result<std::vector<std::string>> groups = GroupsFrom(file, *entry);
    if (!groups) return groups.error();
    config.deny_groups = std::move(*groups);
  }
  config.flow_user = file.ValueOr(kSection, "flow_user", config.flow_user);
  if (!IsCarriableUserName(config.flow_user)) {
    return file.Refuse("'flow_user' must be a user name");
  }
  return config;
}

}  // namespace sspr
