// SPDX-License-Identifier: Apache-2.0
// What the audit keeps of a decision. Never a secret, and never a name that was typed for nobody:
// that may be a password in the wrong field.
#pragma once

#include <string>
#include <vector>

namespace sspr::service {

struct AuditEvent {
  std::string event;    // "reset.start"
  std::string outcome;  // "refused"
  std::string reason = {};
  std::string user_id = {};   // whom it is about; empty: nobody we know
  std::string username = {};  // only of a user we know
  std::string actor = {};     // who did it, where that is somebody else: an operator, ssprctl
  std::string client_id = {};
  std::string address = {};
  std::string device = {};  // hexadecimal
  std::string flow_id = {};
  std::string transaction_id = {};
  std::string correlation_id = {};
  int gates = 0;                          // completed
  std::vector<std::string> methods = {};  // words: "email", "authenticator"
};

}  // namespace sspr::service
