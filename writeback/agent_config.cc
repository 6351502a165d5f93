// SPDX-License-Identifier: Apache-2.0
#include "writeback/agent_config.h"

#include <unistd.h>

#include <array>
#include <sstream>

#include "common/config/ini_file.h"
#include "common/config/key_reader.h"
#include "service/devices/device_texts.h"
#include "service/directory/ldap_config.h"
#include "service/policy/group_names.h"

namespace sspr {
namespace {

constexpr IniKey kKnown[] = {
    {"service", "base_url"},
    {"service", "ca_file"},
    {"agent", "folder"},
    {"agent", "name"},
    {"agent", "workers"},
    {"allow", "reset"},
    {"allow", "unlock"},
    {"allow", "sign_in"},
    {"allow", "groups"},
    {"allow", "never_groups"},
    {"directory", "type"},
    {"directory", "url"},
    {"directory", "start_tls"},
    {"directory", "ca_file"},
    {"directory", "bind_dn"},
    {"directory", "bind_password_file"},
    {"directory", "base"},
    {"directory", "user_filter"},
    {"directory", "id_attribute"},
    {"directory", "name_attribute"},
    {"directory", "account_attribute"},
    {"directory", "display_attribute"},
    {"directory", "group_base"},
    {"directory", "connections"},
    {"directory", "timeout"},
};
constexpr int kMostWorkers = 16;

std::string HostName() {
  std::array<char, 65> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "agent";
  return name.data();
}

void ReadService(KeyReader& reader, AgentConfig& config) {
  config.base_url = reader.Needed("service", "base_url");
  if (!config.base_url.starts_with("https://") || config.base_url.ends_with('/')) {
    reader.FailAt("service", "base_url",
                  "write the service's public_url, https://HOST/TENANT without a slash at the end");
  }
  reader.Path("service", "ca_file", config.ca_file);
}

void ReadAgent(KeyReader& reader, AgentConfig& config) {
  reader.Path("agent", "folder", config.folder);
  config.name = reader.Text("agent", "name", HostName());
  if (config.name.empty() || config.name.size() > service::kMostDeviceNameBytes) {
    reader.FailAt("agent", "name", "write 1 to 64 bytes");
  }
  config.workers = reader.Number("agent", "workers", config.workers, 1, kMostWorkers);
}

std::vector<std::string> Groups(KeyReader& reader, const char* key) {
  std::vector<std::string> groups;
  std::istringstream words(reader.Text("allow", key, ""));
  for (std::string word; words >> word;) {
    if (!service::IsGroupName(word)) {
      reader.FailAt("allow", key, "write names of groups with spaces between");
    }
    groups.push_back(std::move(word));
  }
  return groups;
}

void ReadAllow(KeyReader& reader, AgentConfig& config) {
  AgentRuleSettings& allow = config.allow;
  allow.reset = reader.Switch("allow", "reset", allow.reset);
  allow.unlock = reader.Switch("allow", "unlock", allow.unlock);
  allow.sign_in = reader.Switch("allow", "sign_in", allow.sign_in);
  allow.groups = Groups(reader, "groups");
  allow.never_groups = Groups(reader, "never_groups");
  if (!config.directory.group_base.empty()) return;
  for (const char* const key : {"groups", "never_groups"}) {
    if (reader.Text("allow", key, "").empty()) continue;
    reader.FailAt("allow", key, "groups are only known with a group_base in [directory]");
  }
}

}  // namespace

Result<AgentConfig> LoadAgentConfig(const std::string& path) {
  const Result<IniFile> file = IniFile::Load(path);
  if (!file) return file.error();
  if (Status known = file->OnlyKnown(kKnown); !known) return known.error();
  AgentConfig config;
  KeyReader reader(*file);
  ReadService(reader, config);
  ReadAgent(reader, config);
  const std::string type = reader.Needed("directory", "type");
  if (type == "ldap" || type == "ad") {
    config.directory = service::ReadLdapSettings(reader, type);
  } else {
    reader.FailAt("directory", "type", "write ldap or ad");
  }
  ReadAllow(reader, config);
  if (!reader.fault()) return reader.fault().error();
  return config;
}

}  // namespace sspr
