// SPDX-License-Identifier: Apache-2.0
// Sessions of the pages, in the database, found by a token in a cookie. A session is good for one
// purpose; it ends after its longest life or pause, when its subject's password changed, when the
// subject is gone or switched off, and on sign-out. Each proof gives it a new token.
#pragma once

#include <json/value.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/store/session_table.h"

namespace sspr::service {

struct SessionRules {
  std::string purpose;  // "portal", "operator", …; also part of the key that seals
  int absolute_seconds = 0;
  int idle_seconds = 0;
  // The generation of a subject's password now; nothing when the subject may have no session. Null:
  // sessions of nobody in particular.
  std::function<std::optional<std::int64_t>(const std::string& subject)> generation_of = {};
};

struct PageSession {
  SessionRecord record;
  Json::Value state = Json::Value(Json::objectValue);  // no secret that is not sealed

  const std::string& subject() const { return record.subject; }
};

class Sessions {
 public:
  // All outlive it. Calls throw StoreFailure.
  Sessions(SessionTable& table, const ServiceKeys& keys, Random& random, const Clock& clock,
           SessionRules rules)
      : table_(table), keys_(keys), random_(random), clock_(clock), rules_(std::move(rules)) {}

  // The token of a new session, 64 hexadecimal digits. proved: by a full authentication, now.
  std::string Begin(std::string_view subject, const Json::Value& state, bool proved);
  // Nothing when there is none, or it is over, which forgets it.
  std::optional<PageSession> Open(std::string_view token);
  // Writes state. False: another request changed the session meanwhile, or it is gone.
  bool Save(PageSession& session);
  // After a proof: writes state under a new token, which is given back; the old one is dead. Empty:
  // as Save's false.
  std::string Renew(PageSession& session, bool proved);
  void End(std::string_view token);
  // Every session of the subject but this one.
  void EndOthers(const PageSession& session);

  // For members of state that are secret. Unseal gives nothing for what is not sealed here.
  std::string Seal(std::string_view secret);
  std::optional<Secret> Unseal(std::string_view sealed) const;

 private:
  SessionTable& table_;
  const ServiceKeys& keys_;
  Random& random_;
  const Clock& clock_;
  const SessionRules rules_;
};

}  // namespace sspr::service
