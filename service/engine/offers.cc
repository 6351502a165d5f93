// SPDX-License-Identifier: Apache-2.0
#include "service/engine/offers.h"

#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"

namespace sspr::service {
namespace {

constexpr char kAuthenticatorHint[] = "Authenticator app";
constexpr char kFallbackDomain[] = "e***.com";
constexpr std::size_t kMethodIdDigits = 32;

bool Passed(const FlowRecord& flow, MethodKind kind) {
  return std::find(flow.passed_kinds.begin(), flow.passed_kinds.end(), kind) !=
         flow.passed_kinds.end();
}

bool Knows(const Capabilities& capabilities, MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return true;
    case MethodKind::kAuthenticatorCode:
      return capabilities.totp;
  }
  return false;
}

std::string HintOf(const MethodRecord& method) {
  switch (method.kind) {
    case MethodKind::kEmailCode:
      return EmailHint(MaskedDomain(method.address));
    case MethodKind::kAuthenticatorCode:
      return kAuthenticatorHint;
  }
  return {};
}

// The domain with the highest keyed digest: another domain in the list changes the hints of few.
std::string MadeUpDomain(EngineParts& parts, const std::string& subject) {
  std::string best_domain = kFallbackDomain;
  std::string best_digest;
  for (const std::string& domain : parts.store.DomainHints()) {
    std::string digest = parts.keys.NameDigest("domain:" + subject + ":" + domain);
    if (digest <= best_digest) continue;
    best_digest = std::move(digest);
    best_domain = domain;
  }
  return best_domain;
}

std::vector<Offer> MadeUpOffers(EngineParts& parts, const FlowRecord& flow, const Policy& policy) {
  const std::string digest = parts.keys.NameDigest("methods:" + flow.subject);
  // Of four names, one has the app alone, one e-mail alone and two have both.
  const int mix = static_cast<unsigned char>(digest.back()) & 3;
  const bool free_choice = policy.required_gates < 2 && policy.EnabledKinds() == 2;
  const bool app_alone = free_choice && mix == 0 && flow.capabilities.totp;
  const bool email_alone = free_choice && mix == 1;
  std::vector<Offer> offers;
  for (const MethodKind kind : {MethodKind::kEmailCode, MethodKind::kAuthenticatorCode}) {
    const bool is_email = kind == MethodKind::kEmailCode;
    if (is_email ? app_alone : email_alone) continue;
    const std::string id = ToHex(parts.keys.NameDigest(std::string(Name(kind)) + flow.subject));
    offers.push_back({.offer = {.id = id.substr(0, kMethodIdDigits),
                                .kind = kind,
                                .hint = is_email ? EmailHint(MadeUpDomain(parts, flow.subject))
                                                 : kAuthenticatorHint,
                                .is_default = false},
                      .record = {}});
  }
  return offers;
}

}  // namespace

std::vector<Offer> OffersFor(EngineParts& parts, const FlowRecord& flow, const Policy& policy) {
  // Read for nobody and made up for users as well, so that it takes as long.
  const std::vector<MethodRecord> methods = parts.store.ListMethods(flow.user_id);
  std::vector<Offer> offers = MadeUpOffers(parts, flow, policy);
  if (!flow.user_id.empty()) offers.clear();
  for (const MethodRecord& method : methods) {
    offers.push_back({.offer = {.id = method.id,
                                .kind = method.kind,
                                .hint = HintOf(method),
                                .is_default = false},
                      .record = method});
  }
  std::erase_if(offers, [&](const Offer& offer) {
    const MethodKind kind = offer.offer.kind;
    return !policy.Enables(kind) || Passed(flow, kind) || !Knows(flow.capabilities, kind);
  });
  std::stable_sort(offers.begin(), offers.end(),
                   [](const Offer& a, const Offer& b) { return a.offer.kind < b.offer.kind; });
  if (!offers.empty()) offers.front().offer.is_default = true;
  return offers;
}

GateState GatesOf(const std::vector<Offer>& offers, const FlowRecord& flow, const Policy& policy) {
  GateState gates{
      .methods = {}, .required = policy.required_gates, .completed = flow.completed_gates};
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
                  const Capabilities& capabilities) {
  int kinds = 0;
  bool one_is_known = false;
  for (const MethodKind kind : {MethodKind::kEmailCode, MethodKind::kAuthenticatorCode}) {
    const bool has = policy.Enables(kind) &&
                     std::any_of(methods.begin(), methods.end(),
                                 [kind](const MethodRecord& m) { return m.kind == kind; });
    if (!has) continue;
    ++kinds;
    one_is_known = one_is_known || Knows(capabilities, kind);
  }
  return one_is_known && kinds >= policy.required_gates;
}

int CodeLength(const Policy& policy, MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return policy.CodeDigits();
    case MethodKind::kAuthenticatorCode:
      return kAuthenticatorDigits;
  }
  return 0;
}

}  // namespace sspr::service
