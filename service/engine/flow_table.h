// SPDX-License-Identifier: Apache-2.0
// Which call is legal with which continuation token in which state of a flow. What is not in the
// table is refused: no step can be skipped, repeated or crossed.
#pragma once

#include <string_view>

#include "service/store/records.h"

namespace sspr::service {

enum class Call {
  kIntrospect,
  kChallenge,
  kContinue,
  kHandOff,
  kPolicy,
  kSubmit,
  kUnlock,
  kPoll,
  kSignInChallenge,
  kSignInPassword,
  kSignInContinuation,
  kFactorIntrospect,
  kFactorChallenge,
  kFactorProve,
  kRegisterIntrospect,
  kRegisterChallenge,
  kRegisterProve,
};

inline constexpr Call kAllCalls[] = {
    Call::kIntrospect,
    Call::kChallenge,
    Call::kContinue,
    Call::kHandOff,
    Call::kPolicy,
    Call::kSubmit,
    Call::kUnlock,
    Call::kPoll,
    Call::kSignInChallenge,
    Call::kSignInPassword,
    Call::kSignInContinuation,
    Call::kFactorIntrospect,
    Call::kFactorChallenge,
    Call::kFactorProve,
    Call::kRegisterIntrospect,
    Call::kRegisterChallenge,
    Call::kRegisterProve,
};

bool IsLegal(Call call, TokenKind token, FlowState state);

}  // namespace sspr::service
