// SPDX-License-Identifier: Apache-2.0
#include "service/config/directory_config.h"

#include <chrono>
#include <string>

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

void ReadEntra(KeyReader& reader, EngineSettings& engine) {
  EntraSettings& entra = engine.entra.emplace();
  entra.account_attribute = reader.Text("directory", "account_attribute", "");
  if (!entra.account_attribute.empty() && entra.account_attribute != "mailNickname" &&
      entra.account_attribute != "onPremisesSamAccountName") {
    reader.FailAt("directory", "account_attribute",
                  "write onPremisesSamAccountName or mailNickname, or leave it empty");
  }
  for (const char* const key : {"url", "bind_dn", "bind_password_file", "base"}) {
    if (!reader.Text("directory", key, "").empty()) {
      reader.FailAt("directory", key,
                    "with type = entra the app of section [graph] is used; a directory on the "
                    "premises has section [on_premises]");
    }
  }
  constexpr int kMostConnections = 64;
  constexpr int kLongestTimeout = 60;
  entra.connections =
      static_cast<unsigned>(reader.Number("directory", "connections", 4, 1, kMostConnections));
  entra.timeout =
      std::chrono::seconds(reader.Number("directory", "timeout", 5, 1, kLongestTimeout));
}

}  // namespace

void ReadDirectory(KeyReader& reader, EngineSettings& engine) {
  const std::string type = reader.Text("directory", "type", "builtin");
  if (type == "agent") {
    ReadAgent(reader, "directory", engine);
  } else if (type == "ldap" || type == "ad") {
    engine.ldap = ReadLdapSettings(reader, type);
  } else if (type == "entra") {
    ReadEntra(reader, engine);
  } else if (type != "builtin") {
    reader.FailAt("directory", "type", "write builtin, ldap, ad, agent or entra");
  }
  ReadPremises(reader, engine);
}

}  // namespace sspr::service
