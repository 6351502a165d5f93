// SPDX-License-Identifier: Apache-2.0
#include "service/engine/second_factor.h"

#include <algorithm>

#include "service/methods/email_address.h"
#include "service/methods/phone_number.h"
#include "service/policy/phone_countries.h"

namespace sspr::service {
namespace {

constexpr int kTwoGates = 2;

Refusal WrongStep(std::string detail) {
  return Refuse(RefusalCode::kInvalidRequest, std::move(detail));
}

// A method that is about to be registered, as an offer with a record that is not kept yet.
Offer NewMethod(MethodKind kind, const std::string& target, const std::string& user_id) {
  const bool is_email = kind == MethodKind::kEmailCode;
  return {.offer = {.id = "new:" + target,
                    .kind = kind,
                    .hint = is_email ? EmailHint(MaskedDomain(target)) : PhoneHint(LastTwo(target)),
                    .is_default = true},
          .records = {{.id = "new:" + target,
                       .user_id = user_id,
                       .kind = kind,
                       .address = target,
                       .sealed_secret = {}}}};
}

constexpr std::string_view kNewPrefix = "new:";

}  // namespace

// What stands before the account as a person's second proof: no questions, and no pass of the help
// desk, which is for a lost password; but at the portal also for whoever lost all methods.
std::vector<Offer> SecondFactor::OffersOf(const Session& session) {
  std::vector<Offer> offers =
      OffersFor(parts_, session.flow, session.policy, session.now, OfferUse::kSignIn);
  const bool takes_pass = session.flow.capabilities.full_strength;
  std::erase_if(offers, [takes_pass](const Offer& offer) {
    const bool is_live_pass = takes_pass && !offer.records.empty();
    return (offer.offer.kind == MethodKind::kTemporaryPass && !is_live_pass) ||
           offer.offer.kind == MethodKind::kQuestions ||
           // What V1 has no way to wait for.
           TraitsOf(offer.offer.kind).form == ProofForm::kAnsweredElsewhere;
  });
  return offers;
}

std::vector<MethodKind> SecondFactor::RegistrableKinds(const Session& session) {
  std::vector<MethodKind> kinds;
  for (const MethodKind kind : {MethodKind::kEmailCode, MethodKind::kSmsCode}) {
    const bool passed = std::ranges::any_of(session.flow.passed_kinds, [kind](MethodKind one) {
      return TraitsOf(one).of_class == TraitsOf(kind).of_class;
    });
    if (session.policy.Enables(kind) && !passed) kinds.push_back(kind);
  }
  return kinds;
}

std::optional<std::variant<Redirect, Refusal>> SecondFactor::Demand(const Caller& caller,
                                                                    Session& session) {
  FlowRecord& flow = session.flow;
  const int proofs = flow.completed_gates + (flow.purpose == FlowPurpose::kSignIn ? 1 : 0);
  const bool asks_anyway = flow.capabilities.full_strength;
  if ((session.policy.sign_in_gates < kTwoGates && !asks_anyway) || proofs >= kTwoGates) return {};
  const bool has_method = !OffersOf(session).empty();
  if (asks_anyway && !has_method) return {};  // the portal is where one is registered
  const bool may_register = !has_method && session.policy.sign_in_registration != 0 &&
                            flow.capabilities.registration && !RegistrableKinds(session).empty();
  // Nobody is kept out for a risk without a way forward, unless the policy says so.
  if (!has_method && !may_register && session.policy.gates_by_risk != 0 &&
      session.policy.risk_block_helpless == 0) {
    Record(parts_, EventOf(parts_, caller, flow, "signin.second_factor", "waived", "no method"),
           AuditLog::Weight::kNormal);
    return {};
  }
  if (has_method ? !flow.capabilities.mfa : !may_register) {
    return Redirect{"This sign-in needs a second proof, which this client cannot ask for."};
  }
  flow.state = FlowState::kSecondFactor;
  flow.last_seen = session.now;
  const NewToken token = MakeToken(parts_.random, flow, TokenKind::kSecondFactor);
  if (!Move(parts_.store, flow, token.record)) {
    return WrongStep("another request of this flow is under way");
  }
  Record(parts_,
         EventOf(parts_, caller, flow, "signin.second_factor",
                 has_method ? "required" : "registration required"),
         AuditLog::Weight::kNormal);
  Refusal refusal =
      Refuse(has_method ? RefusalCode::kMfaRequired : RefusalCode::kRegistrationRequired, "");
  refusal.continuation_token = token.text;
  return refusal;
}

Reply<IntrospectReply> SecondFactor::Methods(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kFactorIntrospect);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&opened);
  return IntrospectReply{.continuation_token = session.presented,
                         .gates = GatesOf(OffersOf(session), session.flow, session.policy)};
}

Reply<ChallengeReply> SecondFactor::Challenge(const Caller& caller, std::string_view token,
                                              std::string_view method_id) {
  auto opened = OpenSession(parts_, caller, token, Call::kFactorChallenge);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const std::vector<Offer> offers = OffersOf(session);
  if (offers.empty()) return KnowsTooLittle();
  const Offer* const offer = Chosen(offers, method_id);
  if (offer == nullptr) return WrongStep("no such method");
  return gates_.OpenChallenge(caller, session, *offer, TokenKind::kFactorCode);
}

std::variant<Session, Refusal> SecondFactor::Prove(const Caller& caller, std::string_view token,
                                                   MethodKind kind, const Secret& code) {
  auto opened = OpenSession(parts_, caller, token, Call::kFactorProve);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  auto judged = gates_.JudgeCode(caller, session, kind, code, OffersOf(session));
  if (Refusal* const refusal = std::get_if<Refusal>(&judged)) return std::move(*refusal);
  const auto moved = gates_.TakeProof(session, std::get<Gates::Proof>(judged),
                                      [](FlowRecord& flow) { flow.state = FlowState::kClosed; });
  if (!moved) return WrongStep("the step is over");
  Record(parts_, EventOf(parts_, caller, session.flow, "signin.second_factor", "passed"),
         AuditLog::Weight::kNormal);
  return std::move(session);
}

Reply<RegistrationReply> SecondFactor::Registrable(const Caller& caller, std::string_view token) {
  auto opened = OpenSession(parts_, caller, token, Call::kRegisterIntrospect);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  const Session& session = *std::get_if<Session>(&opened);
  if (!OffersOf(session).empty()) return WrongStep("a method is registered: use it");
  return RegistrationReply{.continuation_token = session.presented,
                           .kinds = RegistrableKinds(session)};
}

Reply<ChallengeReply> SecondFactor::RegistrationChallenge(const Caller& caller,
                                                          std::string_view token, MethodKind kind,
                                                          std::string_view target) {
  auto opened = OpenSession(parts_, caller, token, Call::kRegisterChallenge);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  if (!session.user || !OffersOf(session).empty()) {
    return WrongStep("a method is registered: use it");
  }
  const std::vector<MethodKind> kinds = RegistrableKinds(session);
  std::optional<std::string> address;
  if (kind == MethodKind::kEmailCode && IsPlainEmailAddress(target)) address = std::string(target);
  if (kind == MethodKind::kSmsCode) address = PhoneNumberOf(target);
  const bool is_allowed =
      address && std::ranges::find(kinds, kind) != kinds.end() &&
      (!IsPhone(kind) || IsCountryAllowed(session.policy.phone_countries, *address));
  if (!is_allowed) {
    return Refuse(RefusalCode::kBadTarget, "");
  }
  return gates_.OpenChallenge(caller, session, NewMethod(kind, *address, session.user->id),
                              TokenKind::kNewMethodCode);
}

Reply<SignInReply> SecondFactor::Register(const Caller& caller, std::string_view token,
                                          const Secret& code) {
  auto opened = OpenSession(parts_, caller, token, Call::kRegisterProve);
  if (Refusal* const refusal = std::get_if<Refusal>(&opened)) return std::move(*refusal);
  Session& session = *std::get_if<Session>(&opened);
  const std::optional<ChallengeRecord> challenge = session.flow.challenge;
  if (!session.user || !challenge || !challenge->method_id.starts_with(kNewPrefix)) {
    return WrongStep("no challenge of a new method is open");
  }
  const std::string target = challenge->method_id.substr(kNewPrefix.size());
  auto judged = gates_.JudgeCode(caller, session, challenge->kind, code,
                                 {NewMethod(challenge->kind, target, session.user->id)});
  if (Refusal* const refusal = std::get_if<Refusal>(&judged)) return std::move(*refusal);
  NewToken next{.text = {}, .record = {}};
  const auto moved = gates_.TakeProof(
      session, std::get<Gates::Proof>(judged), [](FlowRecord&) {},
      [&] {
        next = MakeToken(parts_.random, session.flow, TokenKind::kRegistered);
        return std::optional(next.record);
      });
  if (!moved) return WrongStep("the step is over");
  Record(parts_, EventOf(parts_, caller, session.flow, "method.add", "done", Name(challenge->kind)),
         AuditLog::Weight::kFinal);
  if (challenge->kind == MethodKind::kEmailCode) parts_.store.AddDomainHint(MaskedDomain(target));
  parts_.store.InsertMethod(
      {.id = NewId(parts_.random),
       .user_id = session.user->id,
       .kind = challenge->kind,
       .address = target,
       .sealed_secret = {},
       .added_at = session.now,
       .usable_from = session.now + session.policy.cooling_hours * kHourSeconds});
  return SignInReply{std::move(next.text)};
}

}  // namespace sspr::service
