// SPDX-License-Identifier: Apache-2.0
// Where Microsoft Graph is, and as which app the service comes.
#pragma once

#include <string>

namespace sspr::service {

struct GraphSettings {
  std::string tenant_id;         // GUID or domain; empty: none
  std::string client_id;         // GUID of the app registration
  std::string certificate_file;  // PEM; registered with the app
  std::string key_file;          // its private key, RSA, PEM
  std::string base_url = "https://graph.microsoft.com";
  std::string login_url = "https://login.microsoftonline.com";
  std::string ca_file;  // PEM; empty: the system's store
  int poll_seconds = 300;
  bool risks = true;  // the risk of users is read from there, and the end of a risk told

  bool HasRisks() const { return !tenant_id.empty() && risks; }
};

}  // namespace sspr::service
