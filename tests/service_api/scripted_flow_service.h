// SPDX-License-Identifier: Apache-2.0
// A FlowService whose replies a test sets and whose calls it can look at afterwards. Stands for the
// engine where the question is what becomes of its replies on the wire.
#pragma once

#include <string>
#include <vector>

#include "service/flow_service.h"

namespace sspr::service {

class ScriptedFlowService final : public FlowService {
 public:
  Reply<StartReply> start = StartReply{"T1", {}, {}, false, {}};
  Reply<IntrospectReply> introspect = IntrospectReply{"T2", {}};
  Reply<ChallengeReply> challenge =
      ChallengeReply{"T3", "m1", MethodKind::kEmailCode, "a***@example.org", 8, 60};
  Reply<HandOffReply> hand_off = HandOffReply{"T8", "BCDF-GHJK", 300, 3};
  Reply<ContinueReply> go_on = ContinueReply{"T4", 600, {}, false};
  Reply<PasswordPolicyReply> policy = PasswordPolicyReply{15, 256, 511, 0, {"alice"}};
  Reply<SubmitReply> submit = SubmitReply{"T5", TransactionStatus::kPending, 1, {}, false};
  Reply<SubmitReply> poll = SubmitReply{"T6", TransactionStatus::kSucceeded, 1, {}, false};
  Reply<TransactionReply> transaction = TransactionReply{TransactionStatus::kNone, {}};
  Reply<SignInReply> sign_in = SignInReply{"S1"};
  Reply<SignedIn> signed_in = SignedIn{"11111111-2222-4333-8444-555555555555", "alice", "Alice"};

  Reply<RegistrationReply> registrable =
      RegistrationReply{"R1", {MethodKind::kEmailCode, MethodKind::kSmsCode}};
  Reply<Refreshed> refreshed =
      Refreshed{{"11111111-2222-4333-8444-555555555555", "alice", "Alice"}, "openid", "refresh-2"};

  // What the last call was given.
  std::string called;
  Caller caller;
  std::string token;
  std::string argument;  // username, method id, transaction id or commitment
  std::string secret;    // of a test, not of a person
  MethodKind kind = MethodKind::kEmailCode;
  StartRequest request;
  RiskReport risk;

  Reply<StartReply> Start(const Caller& from, const StartRequest& what) override {
    Note("Start", from, {}, what.username);
    request = what;
    return start;
  }
  Reply<IntrospectReply> Introspect(const Caller& from, std::string_view with) override {
    Note("Introspect", from, with, {});
    return introspect;
  }
  Reply<ChallengeReply> Challenge(const Caller& from, std::string_view with,
                                  std::string_view method_id) override {
    Note("Challenge", from, with, method_id);
    return challenge;
  }
  Reply<ContinueReply> Continue(const Caller& from, std::string_view with, MethodKind of,
                                const Secret& code) override {
    Note("Continue", from, with, {});
    kind = of;
    secret = code.Reveal();
    return go_on;
  }
  Reply<ContinueReply> ContinueWithAnswers(const Caller& from, std::string_view with,
                                           std::span<const Secret> answers) override {
    Note("ContinueWithAnswers", from, with, {});
    for (const Secret& answer : answers) secret += std::string(answer.Reveal()) + ";";
    return go_on;
  }
  Reply<ContinueReply> PollApproval(const Caller& from, std::string_view with) override {
    Note("PollApproval", from, with, {});
    return go_on;
  }
  Reply<ContinueReply> ContinueWithPasskey(const Caller& from, std::string_view with,
                                           const PasskeyAssertion&) override {
    Note("ContinueWithPasskey", from, with, {});
    return go_on;
  }
  Reply<HandOffReply> HandOff(const Caller& from, std::string_view with) override {
    Note("HandOff", from, with, {});
    return hand_off;
  }
  Reply<ContinueReply> PollHandOff(const Caller& from, std::string_view with) override {
    Note("PollHandOff", from, with, {});
    return go_on;
  }
  Reply<PasswordPolicyReply> Policy(const Caller& from, std::string_view with) override {
    Note("Policy", from, with, {});
    return policy;
  }
  Reply<SubmitReply> Submit(const Caller& from, std::string_view with, const Secret& new_password,
                            std::string_view commitment) override {
    Note("Submit", from, with, commitment);
    secret = new_password.Reveal();
    return submit;
  }
  Reply<SubmitReply> Unlock(const Caller& from, std::string_view with) override {
    Note("Unlock", from, with, {});
    return submit;
  }
  Reply<SubmitReply> Poll(const Caller& from, std::string_view with) override {
    Note("Poll", from, with, {});
    return poll;
  }
  Reply<TransactionReply> Transaction(const Caller& from, std::string_view id) override {
    Note("Transaction", from, {}, id);
    return transaction;
  }
  Reply<SignInReply> SignInInitiate(const Caller& from, std::string_view username,
                                    const Capabilities& can) override {
    Note("SignInInitiate", from, {}, username);
    request.capabilities = can;
    return sign_in;
  }
  Reply<IntrospectReply> SecondFactorMethods(const Caller& from, std::string_view with) override {
    Note("SecondFactorMethods", from, with, {});
    return introspect;
  }
  Reply<ChallengeReply> SecondFactorChallenge(const Caller& from, std::string_view with,
                                              std::string_view method_id) override {
    Note("SecondFactorChallenge", from, with, method_id);
    return challenge;
  }
  Reply<SignedIn> SignInWithSecondFactor(const Caller& from, std::string_view with, MethodKind of,
                                         const Secret& code) override {
    Note("SignInWithSecondFactor", from, with, {});
    kind = of;
    secret = code.Reveal();
    return signed_in;
  }
  Reply<RegistrationReply> Registrable(const Caller& from, std::string_view with) override {
    Note("Registrable", from, with, {});
    return registrable;
  }
  Reply<ChallengeReply> RegistrationChallenge(const Caller& from, std::string_view with,
                                              MethodKind of, std::string_view target) override {
    Note("RegistrationChallenge", from, with, target);
    kind = of;
    return challenge;
  }
  Reply<SignInReply> Register(const Caller& from, std::string_view with,
                              const Secret& code) override {
    Note("Register", from, with, {});
    secret = code.Reveal();
    return sign_in;
  }
  Reply<std::string> IssueRefreshToken(const Caller& from, const SignedIn& who,
                                       std::string_view) override {
    Note("IssueRefreshToken", from, {}, who.username);
    return std::string("refresh-1");
  }
  Reply<Refreshed> RedeemRefreshToken(const Caller& from, const Secret& with) override {
    Note("RedeemRefreshToken", from, {}, {});
    secret = with.Reveal();
    return refreshed;
  }
  Reply<RiskReply> ReportRisk(const Caller& from, const Secret& client_secret,
                              const RiskReport& report) override {
    Note("ReportRisk", from, {}, report.username);
    secret = client_secret.Reveal();
    risk = report;
    return RiskReply{report.level};
  }
  Reply<SignInReply> SignInChallenge(const Caller& from, std::string_view with) override {
    Note("SignInChallenge", from, with, {});
    return sign_in;
  }
  Reply<SignedIn> SignInWithPassword(const Caller& from, std::string_view with,
                                     const Secret& password) override {
    Note("SignInWithPassword", from, with, {});
    secret = password.Reveal();
    return signed_in;
  }
  Reply<SignedIn> SignInWithContinuation(const Caller& from, std::string_view with,
                                         std::string_view username) override {
    Note("SignInWithContinuation", from, with, username);
    return signed_in;
  }

 private:
  void Note(const char* name, const Caller& from, std::string_view with, std::string_view what) {
    called = name;
    caller = from;
    token = with;
    argument = what;
    secret.clear();
  }
};

}  // namespace sspr::service
