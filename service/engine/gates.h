// SPDX-License-Identifier: Apache-2.0
// The proofs of a reset: which methods there are, sending a code, judging one.
#pragma once

#include <functional>
#include <optional>
#include <span>
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
  Reply<ContinueReply> ContinueWithAnswers(const Caller& caller, std::string_view token,
                                           std::span<const Secret> answers);
  Reply<PasswordPolicyReply> Policy(const Caller& caller, std::string_view token);

 private:
  // Whether what was typed is right; the offer is null when the person no longer has the method.
  using Verdict = std::function<bool(const Offer* offer)>;

  LimitVerdict CountSending(const Session& session, const Offer& offer);
  Reply<ChallengeReply> Open(const Caller& caller, Session& session, const Offer& offer);
  void SendCode(const Session& session, const Offer& offer, const Secret& code);
  Reply<ContinueReply> Judge(const Caller& caller, Session& session, const Verdict& is_right);
  Reply<ContinueReply> Pass(const Caller& caller, Session& session, const std::string& reservation,
                            const std::string& kept_method);
  Reply<ContinueReply> NextGate(Session& session, const NewToken& token);

  EngineParts& parts_;
};

}  // namespace sspr::service
