// SPDX-License-Identifier: Apache-2.0
#include "service/engine/flow_table.h"

#include <algorithm>
#include <array>

namespace sspr::service {
namespace {

struct Row {
  Call call;
  TokenKind token;
  FlowState state;
  friend bool operator==(const Row&, const Row&) = default;
};

constexpr auto kTable = std::to_array<Row>({
    {Call::kIntrospect, TokenKind::kMethods, FlowState::kProving},
    {Call::kIntrospect, TokenKind::kCode, FlowState::kProving},
    {Call::kChallenge, TokenKind::kMethods, FlowState::kProving},
    {Call::kChallenge, TokenKind::kCode, FlowState::kProving},
    {Call::kContinue, TokenKind::kCode, FlowState::kProving},
    // Whoever changes their mind about the phone goes on at the login screen.
    {Call::kIntrospect, TokenKind::kHandOff, FlowState::kProving},
    {Call::kChallenge, TokenKind::kHandOff, FlowState::kProving},
    {Call::kHandOff, TokenKind::kMethods, FlowState::kProving},
    {Call::kHandOff, TokenKind::kCode, FlowState::kProving},
    {Call::kHandOff, TokenKind::kHandOff, FlowState::kProving},
    {Call::kPolicy, TokenKind::kMethods, FlowState::kProving},
    {Call::kPolicy, TokenKind::kCode, FlowState::kProving},
    {Call::kPolicy, TokenKind::kPassword, FlowState::kProved},
    {Call::kSubmit, TokenKind::kPassword, FlowState::kProved},
    {Call::kUnlock, TokenKind::kPassword, FlowState::kProved},
    {Call::kPoll, TokenKind::kPoll, FlowState::kSubmitted},
    // The directory refused the password late, and the answer that said so may be lost.
    {Call::kPoll, TokenKind::kPoll, FlowState::kProved},
    {Call::kSignInChallenge, TokenKind::kSignInStart, FlowState::kSignIn},
    {Call::kSignInChallenge, TokenKind::kSignInPassword, FlowState::kSignIn},
    {Call::kSignInPassword, TokenKind::kSignInPassword, FlowState::kSignIn},
    {Call::kSignInContinuation, TokenKind::kFinished, FlowState::kSubmitted},
    {Call::kSignInContinuation, TokenKind::kRegistered, FlowState::kSecondFactor},
    {Call::kFactorIntrospect, TokenKind::kSecondFactor, FlowState::kSecondFactor},
    {Call::kFactorIntrospect, TokenKind::kFactorCode, FlowState::kSecondFactor},
    {Call::kFactorChallenge, TokenKind::kSecondFactor, FlowState::kSecondFactor},
    {Call::kFactorChallenge, TokenKind::kFactorCode, FlowState::kSecondFactor},
    {Call::kFactorProve, TokenKind::kFactorCode, FlowState::kSecondFactor},
    {Call::kRegisterIntrospect, TokenKind::kSecondFactor, FlowState::kSecondFactor},
    {Call::kRegisterIntrospect, TokenKind::kNewMethodCode, FlowState::kSecondFactor},
    {Call::kRegisterChallenge, TokenKind::kSecondFactor, FlowState::kSecondFactor},
    {Call::kRegisterChallenge, TokenKind::kNewMethodCode, FlowState::kSecondFactor},
    {Call::kRegisterProve, TokenKind::kNewMethodCode, FlowState::kSecondFactor},
});

}  // namespace

bool IsLegal(Call call, TokenKind token, FlowState state) {
  return std::find(kTable.begin(), kTable.end(), Row{call, token, state}) != kTable.end();
}

}  // namespace sspr::service
