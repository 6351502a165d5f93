// SPDX-License-Identifier: Apache-2.0
#include "service/engine/reset_engine.h"

#include <exception>
#include <string>

#include "service/engine/refresh_tokens.h"
#include "service/engine/risk.h"

namespace sspr::service {

ResetEngine::ResetEngine(EngineParts parts)
    : parts_(std::move(parts)),
      start_(parts_),
      gates_(parts_),
      hand_offs_(parts_, gates_),
      change_(parts_),
      second_factor_(parts_, gates_),
      sign_in_(parts_, second_factor_) {
  parts_.late = &change_.late();
}

template <typename Answer, typename Work>
Reply<Answer> ResetEngine::Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    parts_.log(std::string("a request was refused: ") + error.what());
    return Refuse(RefusalCode::kInternal, "internal error");
  }
}

Reply<StartReply> ResetEngine::Start(const Caller& caller, const StartRequest& request) {
  return Guarded<StartReply>([&] {
    change_.SettleAbandoned();
    return start_.Start(caller, request);
  });
}

Reply<IntrospectReply> ResetEngine::Introspect(const Caller& caller, std::string_view token) {
  return Guarded<IntrospectReply>([&] { return gates_.Introspect(caller, token); });
}

Reply<ChallengeReply> ResetEngine::Challenge(const Caller& caller, std::string_view token,
                                             std::string_view method_id) {
  return Guarded<ChallengeReply>([&] { return gates_.Challenge(caller, token, method_id); });
}

Reply<ContinueReply> ResetEngine::Continue(const Caller& caller, std::string_view token,
                                           MethodKind kind, const Secret& code) {
  return Guarded<ContinueReply>([&] { return gates_.Continue(caller, token, kind, code); });
}

Reply<ContinueReply> ResetEngine::ContinueWithAnswers(const Caller& caller, std::string_view token,
                                                      std::span<const Secret> answers) {
  return Guarded<ContinueReply>([&] { return gates_.ContinueWithAnswers(caller, token, answers); });
}

Reply<ContinueReply> ResetEngine::PollApproval(const Caller& caller, std::string_view token) {
  return Guarded<ContinueReply>([&] { return gates_.PollApproval(caller, token); });
}

Reply<ContinueReply> ResetEngine::ContinueWithPasskey(const Caller& caller, std::string_view token,
                                                      const PasskeyAssertion& assertion) {
  return Guarded<ContinueReply>(
      [&] { return gates_.ContinueWithPasskey(caller, token, assertion); });
}

Reply<HandOffReply> ResetEngine::HandOff(const Caller& caller, std::string_view token) {
  return Guarded<HandOffReply>([&] { return hand_offs_.Offer(caller, token); });
}

Reply<ContinueReply> ResetEngine::PollHandOff(const Caller& caller, std::string_view token) {
  return Guarded<ContinueReply>([&] { return hand_offs_.Poll(caller, token); });
}

Reply<PasswordPolicyReply> ResetEngine::Policy(const Caller& caller, std::string_view token) {
  return Guarded<PasswordPolicyReply>([&] { return gates_.Policy(caller, token); });
}

Reply<SubmitReply> ResetEngine::Submit(const Caller& caller, std::string_view token,
                                       const Secret& new_password, std::string_view commitment) {
  return Guarded<SubmitReply>(
      [&] { return change_.Submit(caller, token, new_password, commitment); });
}

Reply<SubmitReply> ResetEngine::Unlock(const Caller& caller, std::string_view token) {
  return Guarded<SubmitReply>([&] { return change_.Unlock(caller, token); });
}

Reply<SubmitReply> ResetEngine::Poll(const Caller& caller, std::string_view token) {
  return Guarded<SubmitReply>([&] { return change_.Poll(caller, token); });
}

Reply<TransactionReply> ResetEngine::Transaction(const Caller& caller,
                                                 std::string_view transaction_id) {
  return Guarded<TransactionReply>([&] { return change_.Transaction(caller, transaction_id); });
}

Reply<SignInReply> ResetEngine::SignInInitiate(const Caller& caller, std::string_view username,
                                               const Capabilities& capabilities) {
  return Guarded<SignInReply>([&] { return sign_in_.Initiate(caller, username, capabilities); });
}

Reply<SignInReply> ResetEngine::SignInChallenge(const Caller& caller, std::string_view token) {
  return Guarded<SignInReply>([&] { return sign_in_.Challenge(caller, token); });
}

Reply<SignedIn> ResetEngine::SignInWithPassword(const Caller& caller, std::string_view token,
                                                const Secret& password) {
  return Guarded<SignedIn>([&] { return sign_in_.WithPassword(caller, token, password); });
}

Reply<SignedIn> ResetEngine::SignInWithContinuation(const Caller& caller, std::string_view token,
                                                    std::string_view username) {
  return Guarded<SignedIn>([&] { return sign_in_.WithContinuation(caller, token, username); });
}

Reply<IntrospectReply> ResetEngine::SecondFactorMethods(const Caller& caller,
                                                        std::string_view token) {
  return Guarded<IntrospectReply>([&] { return second_factor_.Methods(caller, token); });
}

Reply<ChallengeReply> ResetEngine::SecondFactorChallenge(const Caller& caller,
                                                         std::string_view token,
                                                         std::string_view method_id) {
  return Guarded<ChallengeReply>(
      [&] { return second_factor_.Challenge(caller, token, method_id); });
}

Reply<SignedIn> ResetEngine::SignInWithSecondFactor(const Caller& caller, std::string_view token,
                                                    MethodKind kind, const Secret& code) {
  return Guarded<SignedIn>([&] { return sign_in_.WithSecondFactor(caller, token, kind, code); });
}

Reply<RegistrationReply> ResetEngine::Registrable(const Caller& caller, std::string_view token) {
  return Guarded<RegistrationReply>([&] { return second_factor_.Registrable(caller, token); });
}

Reply<ChallengeReply> ResetEngine::RegistrationChallenge(const Caller& caller,
                                                         std::string_view token, MethodKind kind,
                                                         std::string_view target) {
  return Guarded<ChallengeReply>(
      [&] { return second_factor_.RegistrationChallenge(caller, token, kind, target); });
}

Reply<SignInReply> ResetEngine::Register(const Caller& caller, std::string_view token,
                                         const Secret& code) {
  return Guarded<SignInReply>([&] { return second_factor_.Register(caller, token, code); });
}

Reply<std::string> ResetEngine::IssueRefreshToken(const Caller& caller, const SignedIn& who,
                                                  std::string_view scope) {
  return Guarded<std::string>(
      [&] { return service::IssueRefreshToken(parts_, caller, who, scope); });
}

Reply<Refreshed> ResetEngine::RedeemRefreshToken(const Caller& caller, const Secret& token) {
  return Guarded<Refreshed>([&] { return service::RedeemRefreshToken(parts_, caller, token); });
}

Reply<RiskReply> ResetEngine::ReportRisk(const Caller& caller, const Secret& client_secret,
                                         const RiskReport& report) {
  return Guarded<RiskReply>([&] { return TakeRiskReport(parts_, caller, client_secret, report); });
}

}  // namespace sspr::service
