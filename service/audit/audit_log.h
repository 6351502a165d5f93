// SPDX-License-Identifier: Apache-2.0
// One JSON line for each decision, chained: a line holds the SHA-256 of the line before it, so that
// no line can be changed, moved or taken out unseen; the store remembers how far the chain had
// come, so that none can be cut off at the end. Several processes may append to one file.
//
// Never a secret, and never a name that was typed for nobody: that may be a password in the wrong
// field.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/audit/audit_verdict.h"
#include "service/store/flow_store.h"

namespace sspr::service {

struct AuditEvent {
  std::string event;    // "reset.start"
  std::string outcome;  // "refused"
  std::string reason = {};
  std::string user_id = {};   // empty: nobody we know
  std::string username = {};  // only of a user we know
  std::string actor = {};     // the operator who did it; empty: the person, or ssprctl
  std::string client_id = {};
  std::string address = {};
  std::string device = {};  // hexadecimal
  std::string flow_id = {};
  std::string transaction_id = {};
  std::string correlation_id = {};
  int gates = 0;                          // completed
  std::vector<std::string> methods = {};  // words: "email", "authenticator"
};

class AuditLog {
 public:
  // Whether the chain's new end is noted in the store as well: for what must not be cut off unseen.
  enum class Weight { kNormal, kFinal };

  // The file is made with mode 0600 when it is missing. store and clock outlive the log.
  AuditLog(std::string path, FlowStore& store, const Clock& clock)
      : path_(std::move(path)), store_(store), clock_(clock) {}

  // The line is on the disk when this returns success. kInternal otherwise: the decision must not
  // take effect. Safe from several threads at once.
  Status Write(const AuditEvent& event, Weight weight);

  // kInternal when the file cannot be read.
  Result<AuditVerdict> Verify();

 private:
  Status WriteLine(const AuditEvent& event, Weight weight);

  const std::string path_;
  FlowStore& store_;
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace sspr::service
