// SPDX-License-Identifier: Apache-2.0
// The FlowService: joins the parts of the engine and is the one place where their exceptions end.
// Whatever cannot be counted, written or read is refused.
#pragma once

#include "service/engine/engine_parts.h"
#include "service/engine/gates.h"
#include "service/engine/hand_offs.h"
#include "service/engine/password_change.h"
#include "service/engine/reset_start.h"
#include "service/engine/second_factor.h"
#include "service/engine/sign_in.h"
#include "service/flow_service.h"

namespace sspr::service {

class ResetEngine : public FlowService {
 public:
  explicit ResetEngine(EngineParts parts);

  // Asks the directory about what a crash left pending. Throws StoreFailure.
  void SettlePending() { change_.SettlePending(); }
  void SettleAbandoned() { change_.SettleAbandoned(); }

  Reply<StartReply> Start(const Caller& caller, const StartRequest& request) override;
  Reply<IntrospectReply> Introspect(const Caller& caller, std::string_view token) override;
  Reply<ChallengeReply> Challenge(const Caller& caller, std::string_view token,
                                  std::string_view method_id) override;
  Reply<ContinueReply> Continue(const Caller& caller, std::string_view token, MethodKind kind,
                                const Secret& code) override;
  Reply<ContinueReply> ContinueWithAnswers(const Caller& caller, std::string_view token,
                                           std::span<const Secret> answers) override;
  Reply<ContinueReply> PollApproval(const Caller& caller, std::string_view token) override;
  Reply<ContinueReply> ContinueWithPasskey(const Caller& caller, std::string_view token,
                                           const PasskeyAssertion& assertion) override;
  Reply<HandOffReply> HandOff(const Caller& caller, std::string_view token) override;
  Reply<ContinueReply> PollHandOff(const Caller& caller, std::string_view token) override;
  Reply<PasswordPolicyReply> Policy(const Caller& caller, std::string_view token) override;
  Reply<SubmitReply> Submit(const Caller& caller, std::string_view token,
                            const Secret& new_password, std::string_view commitment) override;
  Reply<SubmitReply> Unlock(const Caller& caller, std::string_view token) override;
  Reply<SubmitReply> Poll(const Caller& caller, std::string_view token) override;
  Reply<TransactionReply> Transaction(const Caller& caller,
                                      std::string_view transaction_id) override;

  Reply<SignInReply> SignInInitiate(const Caller& caller, std::string_view username,
                                    const Capabilities& capabilities) override;
  Reply<SignInReply> SignInChallenge(const Caller& caller, std::string_view token) override;
  Reply<SignedIn> SignInWithPassword(const Caller& caller, std::string_view token,
                                     const Secret& password) override;
  Reply<SignedIn> SignInWithContinuation(const Caller& caller, std::string_view token,
                                         std::string_view username) override;
  Reply<IntrospectReply> SecondFactorMethods(const Caller& caller, std::string_view token) override;
  Reply<ChallengeReply> SecondFactorChallenge(const Caller& caller, std::string_view token,
                                              std::string_view method_id) override;
  Reply<SignedIn> SignInWithSecondFactor(const Caller& caller, std::string_view token,
                                         MethodKind kind, const Secret& code) override;
  Reply<RegistrationReply> Registrable(const Caller& caller, std::string_view token) override;
  Reply<ChallengeReply> RegistrationChallenge(const Caller& caller, std::string_view token,
                                              MethodKind kind, std::string_view target) override;
  Reply<SignInReply> Register(const Caller& caller, std::string_view token,
                              const Secret& code) override;
  Reply<std::string> IssueRefreshToken(const Caller& caller, const SignedIn& who,
                                       std::string_view scope) override;
  Reply<Refreshed> RedeemRefreshToken(const Caller& caller, const Secret& token) override;
  Reply<RiskReply> ReportRisk(const Caller& caller, const Secret& client_secret,
                              const RiskReport& report) override;

 private:
  template <typename Answer, typename Work>
  Reply<Answer> Guarded(Work work);

  EngineParts parts_;
  ResetStart start_;
  Gates gates_;
  HandOffs hand_offs_;
  PasswordChange change_;
  SecondFactor second_factor_;
  SignIn sign_in_;
};

}  // namespace sspr::service
