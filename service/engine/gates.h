// SPDX-License-Identifier: Apache-2.0
// The proofs of a reset: which methods there are, sending a code, judging one.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/engine/approval_gate.h"
#include "service/engine/engine_parts.h"
#include "service/engine/offers.h"
#include "service/engine/sessions.h"

namespace sspr::service {

// Where a code of this method goes.
Channel ChannelOf(MethodKind kind);

class Gates {
 public:
  explicit Gates(EngineParts& parts) : parts_(parts), approval_(parts) {}
  Reply<IntrospectReply> Introspect(const Caller& caller, std::string_view token);
  Reply<ChallengeReply> Challenge(const Caller& caller, std::string_view token,
                                  std::string_view method_id);
  Reply<ContinueReply> Continue(const Caller& caller, std::string_view token, MethodKind kind,
                                const Secret& code);
  Reply<ContinueReply> ContinueWithAnswers(const Caller& caller, std::string_view token,
                                           std::span<const Secret> answers);
  // Whether the phone has answered the open challenge.
  Reply<ContinueReply> PollApproval(const Caller& caller, std::string_view token);
  Reply<ContinueReply> ContinueWithPasskey(const Caller& caller, std::string_view token,
                                           const PasskeyAssertion& assertion);
  // The login screen's token for the next step of a flow whose gates were passed on a phone.
  Reply<ContinueReply> GoOnBehindPhone(Session& session);
  Reply<PasswordPolicyReply> Policy(const Caller& caller, std::string_view token);

  // For a sign-in's second proof as well. A proof that was right, before the flow takes it.
  struct Proof {
    std::string reservation;
    std::string kept_method;  // the record that must still be there at the end; empty: used up
  };
  // Counts, opens and, where a code is sent, sends it.
  Reply<ChallengeReply> OpenChallenge(const Caller& caller, Session& session, const Offer& offer,
                                      TokenKind token_kind);
  // offers: what may be proved with now.
  std::variant<Proof, Refusal> JudgeCode(const Caller& caller, Session& session, MethodKind kind,
                                         const Secret& typed, const std::vector<Offer>& offers);
  // Moves the flow behind the gate, exactly once; change sets what else becomes of it, and token
  // makes the token of the next step. False when the step is over.
  bool TakeProof(Session& session, const Proof& proof,
                 const std::function<void(FlowRecord&)>& change,
                 const std::function<std::optional<TokenRecord>()>& token = {});

 private:
  // Whether what was typed is right; the offer is null when the person no longer has the method.
  using Verdict = std::function<bool(const Offer* offer)>;

  LimitVerdict Count(const Session& session, const Offer& offer);
  LimitVerdict CountSending(const Session& session, const Offer& offer);
  Reply<ChallengeReply> Open(const Caller& caller, Session& session, const Offer& offer,
                             TokenKind token_kind, const Secret& code);
  void SendCode(const Session& session, const Offer& offer, const Secret& code);
  std::variant<Proof, Refusal> Judge(const Caller& caller, Session& session,
                                     const std::vector<Offer>& offers, const Verdict& is_right);
  Reply<ContinueReply> Pass(const Caller& caller, Session& session,
                            std::variant<Proof, Refusal> judged);
  Reply<ContinueReply> NextGate(Session& session, const NewToken& token);

  EngineParts& parts_;
  ApprovalGate approval_;
};

}  // namespace sspr::service
