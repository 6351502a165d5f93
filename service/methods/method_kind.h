// SPDX-License-Identifier: Apache-2.0
// What is true of each kind of method, in one table: its name, its class (two gates need two
// classes), what a person types for it, and where it may stand.
#pragma once

#include <array>
#include <string_view>

#include "service/flow_service.h"

namespace sspr::service {

// What an attacker has to get hold of. Two methods of one class are one proof.
enum class MethodClass { kMailbox, kApp, kPhone, kKnowledge, kPaper, kHelpDesk, kPasskey };

enum class ProofForm {
  kSentDigits,  // a code that was sent
  kAppDigits,   // a code that an app shows
  kAnswers,
  kBase32,             // letters and digits that were handed out before
  kAnsweredElsewhere,  // nothing is typed here: a phone or a key answers
};

struct MethodTraits {
  MethodKind kind;
  const char* word;  // in settings, in the audit, for ssprctl
  MethodClass of_class;
  ProofForm form;
  bool may_open;            // may be the first gate
  bool works_once;          // is used up by a success
  bool for_administrators;  // may stand before an administrator's account
};

inline constexpr std::array<MethodTraits, 9> kMethodTraits{{
    {MethodKind::kEmailCode, "email", MethodClass::kMailbox, ProofForm::kSentDigits, true, false,
     true},
    {MethodKind::kAuthenticatorCode, "authenticator", MethodClass::kApp, ProofForm::kAppDigits,
     true, false, true},
    {MethodKind::kSmsCode, "sms", MethodClass::kPhone, ProofForm::kSentDigits, true, false, true},
    {MethodKind::kVoiceCode, "voice", MethodClass::kPhone, ProofForm::kSentDigits, true, false,
     true},
    {MethodKind::kQuestions, "questions", MethodClass::kKnowledge, ProofForm::kAnswers, false,
     false, false},
    {MethodKind::kRecoveryCode, "recovery_code", MethodClass::kPaper, ProofForm::kBase32, true,
     true, true},
    {MethodKind::kTemporaryPass, "temporary_pass", MethodClass::kHelpDesk, ProofForm::kBase32, true,
     true, true},
    // Whoever holds the unlocked phone has the codes of its app as well: one class.
    {MethodKind::kApproval, "approval", MethodClass::kApp, ProofForm::kAnsweredElsewhere, true,
     false, true},
    {MethodKind::kPasskey, "passkey", MethodClass::kPasskey, ProofForm::kAnsweredElsewhere, true,
     false, true},
}};

// The table is in the order of the numbers.
constexpr const MethodTraits& TraitsOf(MethodKind kind) {
  return kMethodTraits[static_cast<std::size_t>(kind)];
}

constexpr const char* Name(MethodKind kind) { return TraitsOf(kind).word; }

// Whether a code is sent for it.
constexpr bool IsSent(MethodKind kind) { return TraitsOf(kind).form == ProofForm::kSentDigits; }

// Whether it goes to a phone number.
constexpr bool IsPhone(MethodKind kind) { return TraitsOf(kind).of_class == MethodClass::kPhone; }

}  // namespace sspr::service
