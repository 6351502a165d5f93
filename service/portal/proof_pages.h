// SPDX-License-Identifier: Apache-2.0
// Proving who one is: the second proof of a sign-in, and the gates of a reset or an unlock, with
// the engine's flow behind them. The flow's token is kept in a session of a guest, sealed; what the
// browser holds is worth nothing elsewhere. A name that is nobody's sees the same pages.
#pragma once

#include <string>

#include "service/portal/portal_parts.h"

namespace sspr::service {

class ProofPages {
 public:
  explicit ProofPages(PortalParts parts) : parts_(parts) {}
  void AddRoutes();

 private:
  HttpReply ShowSignIn(Visit& visit);
  HttpReply SignIn(Visit& visit, const Form& form);
  HttpReply SignInFault(Visit& visit, const std::string& username, const std::string& error);
  HttpReply Welcome(Visit& visit, const SignedIn& who);

  HttpReply ShowStart(Visit& visit, Operation operation, const std::string& error);
  HttpReply Start(Visit& visit, const Form& form, Operation operation);

  HttpReply ShowProof(Visit& visit);
  HttpReply Choose(Visit& visit, const Form& form);
  HttpReply EnterCode(Visit& visit, const Form& form);
  HttpReply EnterAnswers(Visit& visit, const Form& form);
  HttpReply EnterPassword(Visit& visit, const Form& form);
  HttpReply Unlock(Visit& visit);
  HttpReply Cancel(Visit& visit);

  // The guest's session; empty reply left out: the flow is over.
  HttpReply Begin(Visit& visit, const char* flow, const std::string& token, const GateState& gates);
  HttpReply Over(Visit& visit, const char* error);
  HttpReply Keep(Visit& visit, PageSession& session);
  // After a proof: the session gets a new token.
  HttpReply Advance(Visit& visit, PageSession& session);
  void PutToken(PageSession& session, const std::string& token);
  std::string TokenOf(const PageSession& session) const;
  // What a refusal means for the flow: an error on the same page, another step, or the end.
  HttpReply Refused(Visit& visit, PageSession& session, const Refusal& refusal);
  HttpReply Proved(Visit& visit, PageSession& session, const Reply<ContinueReply>& reply);
  HttpReply Finish(Visit& visit, PageSession& session, const Reply<SubmitReply>& reply);
  HttpReply ShowStep(Visit& visit, const PageSession& session);

  PortalParts parts_;
};

}  // namespace sspr::service
