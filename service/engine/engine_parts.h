// SPDX-License-Identifier: Apache-2.0
// What the parts of the engine share, and the few words that all of them say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/permit/permit_keys.h"
#include "service/audit/audit_log.h"
#include "service/breach/breach_check.h"
#include "service/crypto/password_hasher.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/delivery/delivery_queue.h"
#include "service/directory/directory.h"
#include "service/flow_service.h"
#include "service/methods/method_kind.h"
#include "service/store/approval_table.h"
#include "service/store/flow_store.h"
#include "service/store/hand_off_table.h"
#include "service/store/passkey_table.h"
#include "service/store/risk_table.h"

namespace sspr::service {

class LateConclusions;

struct EngineParts {
  FlowStore& store;
  Directory& directory;
  AuditLog& audit;
  PasswordHasher& hasher;  // of answers, recovery codes and passes
  const ServiceKeys& keys;
  Random& random;
  const Clock& clock;
  std::function<bool(Delivery)> deliver;
  std::function<void(std::string_view)> log;
  const SigningKey* permit_key = nullptr;  // null: no permits are signed
  std::uint16_t permit_key_id = 1;
  std::vector<BreachCheck*> breach_checks = {};
  // What a directory outside has made durable is written down with the next step (LateConclusions).
  bool conclude_late = false;
  LateConclusions* late = nullptr;  // of the engine that has these parts
  ApprovalTable* approvals = nullptr;
  HandOffTable* hand_offs = nullptr;
  PasskeyTable* passkeys = nullptr;
  std::string passkey_host = {};  // the relying party of passkeys; empty: there are none
  std::string passkey_origin = {};
  RiskTable* risk_table = nullptr;  // null: reports are not told apart, and none is reported back
  bool reports_back = false;        // there is somebody to whom the end of a risk is told
};

// FlowStore::Atomically. What waits to be written down comes with it.
void InOneStep(EngineParts& parts, const std::function<void()>& work);

// The key of everything that is kept about a name, whether or not it is a user's. canonical is
// nothing for a name that can be nobody's.
std::string SubjectOf(const ServiceKeys& keys, std::string_view typed,
                      const std::optional<std::string>& canonical);

// Random identifier, 32 hexadecimal digits.
std::string NewId(Random& random);

// A continuation token of 256 random bits, and what the store keeps of it.
struct NewToken {
  std::string text;
  TokenRecord record;
};
NewToken MakeToken(Random& random, const FlowRecord& flow, TokenKind kind);
std::string TokenDigest(std::string_view token);

bool IsExtended(const Capabilities& capabilities);

// ChangeFlow, and the new version in flow on success.
bool Move(FlowStore& store, FlowRecord& flow, const std::optional<TokenRecord>& token);

const char* Name(RefusalCode code);

// The enrolled device that asks; else the one that the client names; hexadecimal, or empty.
std::string DeviceOf(const FlowRecord& flow);

// The event of a flow: who, where, how far. Reads the user's name from the directory.
AuditEvent EventOf(EngineParts& parts, const Caller& caller, const FlowRecord& flow,
                   std::string event, std::string outcome, std::string reason = {});

// Throws std::runtime_error when the line cannot be written: the decision must not take effect.
void Record(EngineParts& parts, const AuditEvent& event, AuditLog::Weight weight);

Refusal Refuse(RefusalCode code, std::string detail);
// For a client with none of the methods that are left.
Redirect KnowsTooLittle();

}  // namespace sspr::service
