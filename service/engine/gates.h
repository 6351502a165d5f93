// SPDX-License-Identifier: Apache-2.0
// The proofs of a reset: which methods there are, sending a code, judging one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/engine/engine_parts.h"
#include "service/engine/offers.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class Gates {
 public:
  explicit Gates(EngineParts& parts) : parts_(parts) {}
  Reply<IntrospectReply> Introspect(const Caller& caller, std::string_view token);
  Reply<ChallengeReply> Challenge(const Caller& caller, std::string_view token,
                                  std::string_view method_id);
  Reply<ContinueReply> Continue(const Caller& caller, std::string_view token, MethodKind kind,
                                const Secret& code);
  Reply<PasswordPolicyReply> Policy(const Caller& caller, std::string_view token);

 private:
  Reply<ChallengeReply> Open(const Caller& caller, Session& session, const Offer& offer);
  void SendCode(const FlowRecord& flow, const Offer& offer, const Secret& code, int code_seconds);
  bool IsRight(const Session& session, const Secret& code);
  Reply<ContinueReply> Pass(const Caller& caller, Session& session, const std::string& reservation);
  Reply<ContinueReply> NextGate(Session& session, const NewToken& token);
  std::string CodeDigest(const FlowRecord& flow, const ChallengeRecord& challenge,
                         std::string_view code) const;

  EngineParts& parts_;
};

}  // namespace sspr::service
