// SPDX-License-Identifier: Apache-2.0
// challenge_type lists.
#include "service/api/call.h"

#include <algorithm>
#include <array>

#include "common/protocol/wire.h"

namespace sspr::service {
namespace {

// Of later versions of the extension; a client may name them to any service.
constexpr std::array<std::string_view, 1> kKnownButUnused = {"ocra"};

struct CapabilityWord {
  std::string_view word;
  bool ChallengeTypes::*known;
};
constexpr std::array<CapabilityWord, 6> kCapabilityWords{{
    {wire::kTypeOob, &ChallengeTypes::oob},
    {wire::kTypeTotp, &ChallengeTypes::totp},
    {wire::kTypeQuestions, &ChallengeTypes::questions},
    {wire::kTypeRecoveryCode, &ChallengeTypes::recovery_code},
    {wire::kTypeTemporaryPass, &ChallengeTypes::temporary_pass},
    {wire::kTypePassword, &ChallengeTypes::password},
}};

}  // namespace

std::variant<ChallengeTypes, WireError> ReadChallengeTypes(std::string_view list) {
  ChallengeTypes types;
  bool redirect = false;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    const std::string_view word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (word.empty() || std::ranges::find(kKnownButUnused, word) != kKnownButUnused.end()) continue;
    const auto* const known = std::ranges::find(kCapabilityWords, word, &CapabilityWord::word);
    if (known != kCapabilityWords.end()) {
      types.*known->known = true;
    } else if (word == wire::kTypeRedirect) {
      redirect = true;
    } else {
      // MSAL for JavaScript looks for the first sentence.
      return WireError{.error = "invalid_request",
                       .codes = {90100},
                       .description =
                           "The challenge_type list parameter contains an unsupported "
                           "challenge type. Send oob, password and redirect."};
    }
  }
  if (!redirect) {
    return ToWireError({.code = RefusalCode::kUnsupportedChallenge, .detail = {}}, Area::kReset);
  }
  return types;
}

// Unknown ones are for other services. Older documents say "capability" and separate with commas.
Capabilities ReadCapabilities(const Form& form, const ChallengeTypes& types) {
  Capabilities made;
  made.totp = types.totp;
  made.questions = types.questions;
  made.recovery_code = types.recovery_code;
  made.temporary_pass = types.temporary_pass;
  std::string_view list = form.Find("capabilities");
  if (list.empty()) list = form.Find("capability");
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" ,"), list.size());
    const std::string_view word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (word == wire::kCapabilityIntrospect) made.introspect = true;
    if (word == wire::kCapabilityTwoGates) made.two_gates = true;
    if (word == wire::kCapabilityFinalSubmit) made.final_submit = true;
    if (word == wire::kCapabilityPush) made.push = true;
    if (word == wire::kCapabilityHandOff) made.hand_off = true;
    if (word == wire::kCapabilityMfa) made.mfa = true;
    if (word == wire::kCapabilityRegistration) made.registration = true;
  }
  return made;
}

std::optional<WireError> CheckChallengeTypes(const Form& form) {
  const std::string_view list = form.Find("challenge_type");
  if (list.empty()) return std::nullopt;
  auto read = ReadChallengeTypes(list);
  if (WireError* const error = std::get_if<WireError>(&read)) return std::move(*error);
  return std::nullopt;
}

}  // namespace sspr::service
