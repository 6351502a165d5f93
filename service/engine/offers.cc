// SPDX-License-Identifier: Apache-2.0
#include "service/engine/offers.h"

#include <algorithm>
#include <set>

#include "common/permit/fixed_bytes.h"
#include "service/methods/email_address.h"
#include "service/methods/handed_out_code.h"
#include "service/methods/phone_number.h"
#include "service/policy/phone_countries.h"

namespace sspr::service {
namespace {

constexpr char kFallbackDomain[] = "e***.com";
constexpr std::size_t kMethodIdDigits = 32;
constexpr int kResendSeconds = 60;
constexpr int kTwoGates = 2;

bool PassedClassOf(const FlowRecord& flow, MethodKind kind) {
  return std::ranges::any_of(flow.passed_kinds, [kind](MethodKind passed) {
    return TraitsOf(passed).of_class == TraitsOf(kind).of_class;
  });
}

bool KnowsAtLogin(const Capabilities& capabilities, MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
    case MethodKind::kSmsCode:
      return true;
    case MethodKind::kVoiceCode:
      return capabilities.introspect;  // V1 has no word for a call
    case MethodKind::kAuthenticatorCode:
      return capabilities.totp;
    case MethodKind::kQuestions:
      return capabilities.questions;
    case MethodKind::kRecoveryCode:
      return capabilities.recovery_code;
    case MethodKind::kTemporaryPass:
      return capabilities.temporary_pass;
    case MethodKind::kApproval:
      return capabilities.push;
    case MethodKind::kPasskey:
      return capabilities.passkey;
  }
  return false;
}

// A page of ours can ask for everything but an approval: the phone that it is opened on would have
// to give that itself.
bool Knows(const Capabilities& capabilities, MethodKind kind) {
  if (capabilities.passkey) return kind != MethodKind::kApproval;
  return KnowsAtLogin(capabilities, kind);
}

// Here or behind a hand-off. A hand-off must not change it: what is made up for nobody hangs on it,
// and a user's methods do not change on the way to the phone either.
bool KnowsWithPhone(const Capabilities& capabilities, MethodKind kind) {
  return KnowsAtLogin(capabilities, kind) ||
         (capabilities.hand_off && kind != MethodKind::kApproval);
}

// The same for a user and for nobody, where there is nothing to show of the user's own.
const char* FixedHint(MethodKind kind) {
  switch (kind) {
    case MethodKind::kAuthenticatorCode:
      return "Authenticator app";
    case MethodKind::kQuestions:
      return "Security questions";
    case MethodKind::kRecoveryCode:
      return "Recovery code";
    case MethodKind::kTemporaryPass:
      return "Pass from the help desk";
    case MethodKind::kApproval:
      return "Approval on your phone";
    case MethodKind::kPasskey:
      return "Passkey";
    case MethodKind::kEmailCode:
    case MethodKind::kSmsCode:
    case MethodKind::kVoiceCode:
      break;
  }
  return "";
}

std::string HintOf(const MethodRecord& method) {
  if (method.kind == MethodKind::kEmailCode) return EmailHint(MaskedDomain(method.address));
  if (IsPhone(method.kind)) return PhoneHint(LastTwo(method.address));
  return FixedHint(method.kind);
}

// The domain with the highest keyed digest: another domain in the list changes the hints of few.
std::string MadeUpDomain(EngineParts& parts, const std::string& subject) {
  std::string best_domain = kFallbackDomain;
  std::string best_digest;
  for (const std::string& domain : parts.store.DomainHints()) {
    std::string name = "domain:" + subject;
    name.append(":").append(domain);
    std::string digest = parts.keys.NameDigest(name);
    if (digest <= best_digest) continue;
    best_digest = std::move(digest);
    best_domain = domain;
  }
  return best_domain;
}

std::string MadeUpDigits(EngineParts& parts, const std::string& subject) {
  const std::string digest = parts.keys.NameDigest("phone:" + subject);
  const auto digit = [&digest](std::size_t i) {
    return static_cast<char>('0' + static_cast<unsigned char>(digest[i]) % 10);
  };
  return {digit(0), digit(1)};
}

std::string MadeUpHint(EngineParts& parts, const std::string& subject, MethodKind kind) {
  if (kind == MethodKind::kEmailCode) return EmailHint(MadeUpDomain(parts, subject));
  if (IsPhone(kind)) return PhoneHint(MadeUpDigits(parts, subject));
  return FixedHint(kind);
}

// The id of a method that is more than one record, or none.
std::string MadeUpId(EngineParts& parts, const std::string& subject, MethodKind kind) {
  return ToHex(parts.keys.NameDigest(std::string(Name(kind)) + subject)).substr(0, kMethodIdDigits);
}

Offer OfferOf(std::string id, MethodKind kind, std::string hint,
              std::vector<MethodRecord> records) {
  return {
      .offer = {.id = std::move(id), .kind = kind, .hint = std::move(hint), .is_default = false},
      .records = std::move(records)};
}

// Whether these kinds would do for somebody who is registered.
bool WouldDo(const std::vector<MethodKind>& kinds, const Policy& policy,
             const Capabilities& capabilities) {
  std::set<MethodClass> classes;
  bool one_is_known = false;
  for (const MethodKind kind : kinds) {
    classes.insert(TraitsOf(kind).of_class);
    one_is_known = one_is_known || (MayOpen(kind, policy) && KnowsWithPhone(capabilities, kind));
  }
  return one_is_known && static_cast<int>(classes.size()) >= policy.required_gates;
}

// Of four names three have each class of methods; who would have too few has all.
std::vector<Offer> MadeUpOffers(EngineParts& parts, const FlowRecord& flow, const Policy& policy) {
  const std::string digest = parts.keys.NameDigest("methods:" + flow.subject);
  std::vector<MethodKind> all;
  std::vector<MethodKind> some;
  for (const MethodTraits& traits : kMethodTraits) {
    if (!MayOpen(traits.kind, policy) || !policy.Enables(traits.kind)) continue;
    if (traits.kind == MethodKind::kTemporaryPass || !IsThere(parts, traits.kind)) continue;
    all.push_back(traits.kind);
    const auto byte = static_cast<unsigned char>(digest[static_cast<std::size_t>(traits.of_class)]);
    if ((byte & 3U) != 0) some.push_back(traits.kind);
  }
  std::vector<Offer> offers;
  for (const MethodKind kind : WouldDo(some, policy, flow.capabilities) ? some : all) {
    offers.push_back(OfferOf(MadeUpId(parts, flow.subject, kind), kind,
                             MadeUpHint(parts, flow.subject, kind), {}));
  }
  // Of four names one wants to be asked for something in particular.
  const auto choice = static_cast<unsigned char>(digest.back());
  if (!offers.empty() && choice % 4 == 0) offers[choice / 4 % offers.size()].preferred = true;
  return offers;
}

// The same ones until the person registers anew: who asks again is not shown others, so that nobody
// can wait for easy ones.
std::vector<MethodRecord> AskedOf(EngineParts& parts, const Policy& policy,
                                  std::vector<MethodRecord> questions) {
  const auto count = static_cast<std::size_t>(policy.questions_to_ask);
  if (questions.size() < count) return {};
  const auto rank = [&parts](const MethodRecord& question) {
    return parts.keys.NameDigest("ask:" + question.id);
  };
  std::ranges::sort(questions, {}, rank);
  questions.resize(count);
  return questions;
}

std::vector<MethodRecord> OfKind(const std::vector<MethodRecord>& methods, MethodKind kind) {
  std::vector<MethodRecord> found;
  std::ranges::copy_if(methods, std::back_inserter(found),
                       [kind](const MethodRecord& method) { return method.kind == kind; });
  return found;
}

std::vector<Offer> OwnOffers(EngineParts& parts, const FlowRecord& flow, const Policy& policy,
                             const std::vector<MethodRecord>& methods) {
  std::vector<Offer> offers;
  for (const MethodRecord& method : methods) {
    const ProofForm form = TraitsOf(method.kind).form;
    if (form != ProofForm::kSentDigits && form != ProofForm::kAppDigits) continue;
    if (IsPhone(method.kind) && !IsCountryAllowed(policy.phone_countries, method.address)) continue;
    offers.push_back(OfferOf(method.id, method.kind, HintOf(method), {method}));
    offers.back().preferred = method.preferred;
  }
  for (const MethodKind kind : {MethodKind::kQuestions, MethodKind::kRecoveryCode,
                                MethodKind::kApproval, MethodKind::kPasskey}) {
    std::vector<MethodRecord> records = OfKind(methods, kind);
    if (kind == MethodKind::kQuestions) records = AskedOf(parts, policy, std::move(records));
    if (records.empty()) continue;
    offers.push_back(
        OfferOf(MadeUpId(parts, flow.subject, kind), kind, FixedHint(kind), std::move(records)));
  }
  return offers;
}

// Everybody is offered one: who has one that is live is nobody else's business.
Offer PassOffer(EngineParts& parts, const FlowRecord& flow,
                const std::vector<MethodRecord>& methods, UnixSeconds now) {
  std::vector<MethodRecord> live = OfKind(methods, MethodKind::kTemporaryPass);
  std::erase_if(live, [now](const MethodRecord& pass) { return pass.expires_at <= now; });
  constexpr MethodKind kKind = MethodKind::kTemporaryPass;
  return OfferOf(MadeUpId(parts, flow.subject, kKind), kKind, FixedHint(kKind), std::move(live));
}

}  // namespace

std::vector<Offer> OffersFor(EngineParts& parts, const FlowRecord& flow, const Policy& policy,
                             UnixSeconds now, OfferUse use) {
  // Read for nobody and made up for users as well, so that it takes as long.
  std::vector<MethodRecord> methods = parts.store.ListMethods(flow.user_id);
  if (use == OfferUse::kReset) {
    std::erase_if(methods, [now](const MethodRecord& one) { return one.usable_from > now; });
  }
  std::vector<Offer> offers = MadeUpOffers(parts, flow, policy);
  if (!flow.user_id.empty()) offers = OwnOffers(parts, flow, policy, methods);
  offers.push_back(PassOffer(parts, flow, methods, now));
  std::erase_if(offers, [&](const Offer& offer) {
    const MethodKind kind = offer.offer.kind;
    return !policy.Enables(kind) || PassedClassOf(flow, kind) || !Knows(flow.capabilities, kind) ||
           (flow.completed_gates == 0 && !MayOpen(kind, policy)) ||
           (kind == MethodKind::kApproval && policy.required_gates < kTwoGates) ||
           !IsThere(parts, kind);
  });
  std::ranges::stable_sort(offers, {}, [](const Offer& offer) { return offer.offer.kind; });
  const auto preferred = std::ranges::find_if(offers, &Offer::preferred);
  if (!offers.empty()) {
    (preferred == offers.end() ? offers.front() : *preferred).offer.is_default = true;
  }
  return offers;
}

bool IsThere(const EngineParts& parts, MethodKind kind) {
  if (kind == MethodKind::kApproval) return parts.approvals != nullptr;
  if (kind == MethodKind::kPasskey) return !parts.passkey_host.empty();
  return true;
}

bool MayOpen(MethodKind kind, const Policy& policy) {
  return TraitsOf(kind).may_open &&
         (kind != MethodKind::kApproval || policy.tenant_gates >= kTwoGates);
}

GateState GatesOf(const std::vector<Offer>& offers, const FlowRecord& flow, const Policy& policy) {
  GateState gates{
      .methods = {},
      .required = flow.completed_gates == 0 ? policy.tenant_gates : policy.required_gates,
      .completed = flow.completed_gates};
  for (const Offer& offer : offers) gates.methods.push_back(offer.offer);
  return gates;
}

const Offer* Chosen(const std::vector<Offer>& offers, std::string_view method_id) {
  for (const Offer& offer : offers) {
    if (method_id.empty() ? offer.offer.is_default : offer.offer.id == method_id) return &offer;
  }
  return nullptr;
}

bool IsRegistered(const std::vector<MethodRecord>& methods, const Policy& policy,
                  const Capabilities& capabilities, UnixSeconds now) {
  std::vector<MethodKind> kinds;
  int questions = 0;
  for (const MethodRecord& method : methods) {
    if (!policy.Enables(method.kind) || method.usable_from > now) continue;
    if (method.kind == MethodKind::kTemporaryPass && method.expires_at <= now) continue;
    if (method.kind == MethodKind::kQuestions && ++questions < policy.questions_to_ask) continue;
    if (IsPhone(method.kind) && !IsCountryAllowed(policy.phone_countries, method.address)) continue;
    kinds.push_back(method.kind);
  }
  return WouldDo(kinds, policy, capabilities);
}

int CodeLength(const Policy& policy, const Offer& offer) {
  switch (offer.offer.kind) {
    case MethodKind::kEmailCode:
    case MethodKind::kSmsCode:
    case MethodKind::kVoiceCode:
      return policy.CodeDigits();
    case MethodKind::kAuthenticatorCode:
      return offer.records.empty() ? policy.authenticator_digits
                                   : offer.records.front().totp.digits;
    case MethodKind::kQuestions:
    case MethodKind::kPasskey:
      return 0;
    case MethodKind::kApproval:
      return policy.approval_digits;
    case MethodKind::kRecoveryCode:
      return kRecoveryCodeLength;
    case MethodKind::kTemporaryPass:
      return kTemporaryPassLength;
  }
  return 0;
}

ChallengeReply ReplyOf(std::string token, const Offer& offer, int code_length) {
  ChallengeReply reply{.continuation_token = std::move(token),
                       .method_id = offer.offer.id,
                       .kind = offer.offer.kind,
                       .target_label = offer.offer.hint,
                       .code_length = code_length,
                       .resend_interval_seconds = kResendSeconds};
  if (reply.kind != MethodKind::kQuestions) return reply;
  for (const MethodRecord& question : offer.records) {
    reply.questions.push_back({question.id, question.detail});
  }
  return reply;
}

}  // namespace sspr::service
