// SPDX-License-Identifier: Apache-2.0
#include "service/config/directory_config.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "service/directory/ldap_config.h"
#include "service/writeback/agent_directory.h"

namespace sspr::service {
namespace {

void ReadAgent(KeyReader& reader, const char* section, EngineSettings& engine) {
  engine.ldap.emplace().url = kThroughAgent;
  for (const char* const key : {"url", "bind_dn", "bind_password_file", "base"}) {
    if (!reader.Text(section, key, "").empty()) {
      reader.FailAt(section, key,
                    "with type = agent this is in the agent's own sspr-writeback.conf");
    }
  }
}

// Whom Entra ID has from a directory on the premises has the password there.
void ReadPremises(KeyReader& reader, EngineSettings& engine) {
  constexpr char kSection[] = "on_premises";
  const std::string type = reader.Text(kSection, "type", "");
  if (type.empty() && reader.Text(kSection, "url", "").empty()) return;
  if (!engine.entra) {
    reader.FailAt(kSection, "type", "this section goes with type = entra in section [directory]");
  } else if (type == "agent") {
    ReadAgent(reader, kSection, engine);
  } else if (type == "ad") {
    engine.ldap = ReadLdapSettings(reader, type, kSection);
  } else {
    reader.FailAt(kSection, "type", "write ad or agent");
  }
}

EntraSettings ReadEntra(KeyReader& reader, const char* section) {
  EntraSettings entra;
  entra.account_attribute = reader.Text(section, "account_attribute", "");
  if (!entra.account_attribute.empty() && entra.account_attribute != "mailNickname" &&
      entra.account_attribute != "onPremisesSamAccountName") {
    reader.FailAt(section, "account_attribute",
                  "write onPremisesSamAccountName or mailNickname, or leave it empty");
  }
  for (const char* const key : {"url", "bind_dn", "bind_password_file", "base"}) {
    if (!reader.Text(section, key, "").empty()) {
      reader.FailAt(section, key,
                    "with type = entra the app of section [graph] is used; a directory on the "
                    "premises has section [on_premises]");
    }
  }
  constexpr int kMostConnections = 64;
  constexpr int kLongestTimeout = 60;
  entra.connections =
      static_cast<unsigned>(reader.Number(section, "connections", 4, 1, kMostConnections));
  entra.timeout = std::chrono::seconds(reader.Number(section, "timeout", 5, 1, kLongestTimeout));
  return entra;
}

// What gets each new password behind the directory where the passwords are.
void ReadFollower(KeyReader& reader, const char* section, EngineSettings& engine) {
  const std::string type = reader.Text(section, "type", "");
  FollowerSettings follower{.name = section, .ldap = {}, .entra = {}};
  if (type.empty()) {
    if (!reader.Text(section, "url", "").empty()) reader.Needed(section, "type");
    return;
  }
  if (type == "ldap" || type == "ad") {
    follower.ldap = ReadLdapSettings(reader, type, section);
  } else if (type == "entra") {
    follower.entra = ReadEntra(reader, section);
  } else if (type != "builtin") {
    reader.FailAt(section, "type", "write builtin, ldap, ad or entra");
  }
  const bool is_here = !follower.ldap && !follower.entra;
  if (is_here && !engine.ldap && !engine.entra) {
    reader.FailAt(section, "type", "the service's own database cannot follow itself");
  }
  engine.followers.push_back(std::move(follower));
}

}  // namespace

void ReadDirectory(KeyReader& reader, EngineSettings& engine) {
  const std::string type = reader.Text("directory", "type", "builtin");
  if (type == "agent") {
    ReadAgent(reader, "directory", engine);
  } else if (type == "ldap" || type == "ad") {
    engine.ldap = ReadLdapSettings(reader, type);
  } else if (type == "entra") {
    engine.entra = ReadEntra(reader, "directory");
  } else if (type != "builtin") {
    reader.FailAt("directory", "type", "write builtin, ldap, ad, agent or entra");
  }
  ReadPremises(reader, engine);
  for (const char* const section : {"follower", "follower2"}) ReadFollower(reader, section, engine);
}

bool NeedsGraph(const EngineSettings& engine) {
  return engine.entra || std::ranges::any_of(engine.followers, [](const FollowerSettings& one) {
           return one.entra.has_value();
         });
}

}  // namespace sspr::service
