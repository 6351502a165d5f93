// SPDX-License-Identifier: Apache-2.0
#include "common/client/kiosk_rules.h"

#include <algorithm>
#include <variant>

namespace sspr {
namespace {

constexpr std::size_t kShownOfNumber = 2;

bool IsChosen(const KioskConfig& kiosk, MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return kiosk.email;
    case MethodKind::kAuthenticatorCode:
      return kiosk.app;
    case MethodKind::kApproval:
      return kiosk.approval;
  }
  return false;
}

void Restrict(const KioskConfig& kiosk, GateList& gates) {
  std::erase_if(gates.methods, [&](const Method& method) { return !IsChosen(kiosk, method.kind); });
  for (Method& method : gates.methods) method.hint = MaskedTarget(method.hint);
}

}  // namespace

std::string MaskedTarget(std::string_view target) {
  if (target.empty() || target.find('*') != std::string_view::npos ||
      target.find("\xE2\x80\xA2") != std::string_view::npos) {
    return std::string(target);
  }
  const std::size_t at = target.rfind('@');
  if (at != std::string_view::npos) {
    // A first character of several bytes is not cut in the middle: it is left out.
    const bool plain = at > 0 && static_cast<unsigned char>(target[0]) < 0x80;
    return std::string(target.substr(0, plain ? 1 : 0)) + "***" + std::string(target.substr(at));
  }
  const std::string_view end =
      target.size() > 2 * kShownOfNumber ? target.substr(target.size() - kShownOfNumber) : "";
  const bool digits = std::ranges::all_of(end, [](char c) { return c >= '0' && c <= '9'; });
  return "***" + std::string(digits ? end : "");
}

void RestrictToKiosk(const KioskConfig& kiosk, ServiceReply& reply) {
  if (auto* features = std::get_if<ServiceFeatures>(&reply)) {
    features->hand_off = features->hand_off && kiosk.phone;
  } else if (auto* started = std::get_if<Started>(&reply)) {
    // A service that names no methods sends a code by e-mail.
    if (!started->gates && !kiosk.email) started->gates = GateList{};
    if (started->gates) Restrict(kiosk, *started->gates);
    if (started->live_challenge) {
      started->live_challenge->label = MaskedTarget(started->live_challenge->label);
    }
  } else if (auto* challenge = std::get_if<Challenge>(&reply)) {
    challenge->label = MaskedTarget(challenge->label);
  } else if (auto* refused = std::get_if<Refused>(&reply)) {
    if (refused->gates) Restrict(kiosk, *refused->gates);
  }
}

}  // namespace sspr
