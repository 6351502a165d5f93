// SPDX-License-Identifier: Apache-2.0
// Between the proofs and the new password: what the old one protects on this machine. The person is
// told, may name the old password so that all of it stays open, and must say so when an encrypted
// home would stay closed without it. Nothing visible is asked right behind a password that was
// typed.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "common/flow/flow_engine.h"

namespace sspr {
namespace {

constexpr int kMostOldPasswords = 5;
constexpr unsigned kKeyrings = kSecretGnomeKeyring | kSecretKWallet;
constexpr unsigned kHomes = kSecretEcryptfs | kSecretFscrypt;
constexpr unsigned kRelockable = kSecretGnomeKeyring | kSecretEcryptfs;

// The whole word, of any of the languages: Enter or one letter is typed too easily.
bool IsWholeYes(std::string_view text) {
  constexpr std::string_view kWords[] = {"yes", "ja", "oui", "sí",  "si", "نعم", "YES", "Yes",
                                         "JA",  "Ja", "OUI", "Oui", "SÍ", "Sí",  "SI",  "Si"};
  return std::ranges::find(kWords, text) != std::end(kWords);
}

}  // namespace

void FlowEngine::BeginOldSecrets() {
  const unsigned found = secrets_;
  if ((found & kHomes) != 0) out_.push_back(Show{false, {TextId::kOldHome}});
  if ((found & kKeyrings) != 0) out_.push_back(Show{false, {TextId::kOldKeyring}});
  if ((found & kSecretFscrypt) != 0) {
    AskConsent();  // no old password changes that here
  } else {
    AskOldPassword();
  }
}

void FlowEngine::AskOldPassword() {
  if ((secrets_ & kRelockable) == 0) {
    LeaveOldSecrets();
    return;
  }
  state_ = State::kOldPassword;
  AskFor(Ask{true, {TextId::kAskOldPassword}});
}

void FlowEngine::OldPasswordTyped(const Secret& text) {
  if (text.empty()) {
    if ((secrets_ & kSecretEcryptfs) != 0 && !consented_) {
      AskConsent();
    } else {
      LeaveOldSecrets();
    }
    return;
  }
  password_.Clear();
  if (!password_.Append(text.Reveal())) password_.Clear();
  out_.push_back(Wait{{TextId::kTryingOld}});
  Call(SetpwCall{.operation = SetpwCall::Operation::kRemember});
}

void FlowEngine::OnRemembered(const SetpwRemembered& remembered) {
  password_.Clear();
  secrets_ &= ~static_cast<unsigned>(remembered.opened);
  if ((secrets_ & kRelockable) == 0) {
    out_.push_back(Show{false, {TextId::kOldTaken}});
    LeaveOldSecrets();
    return;
  }
  if (++old_tries_ < kMostOldPasswords) {
    out_.push_back(Show{true, {TextId::kOldWrong}});
    AskOldPassword();
    return;
  }
  if ((secrets_ & kSecretEcryptfs) != 0 && !consented_) {
    Stop({TextId::kOldHomeStays});
    return;
  }
  LeaveOldSecrets();
}

void FlowEngine::AskConsent() {
  gave_up_old_ = state_ == State::kOldPassword;
  state_ = State::kConsent;
  AskFor(Ask{false, {TextId::kAskConsent}});
}

void FlowEngine::ConsentTyped(const Secret& text) {
  if (!IsWholeYes(text.Reveal())) {
    Stop({TextId::kOldHomeStays});
    return;
  }
  consented_ = true;
  if (gave_up_old_) {
    LeaveOldSecrets();
  } else {
    AskOldPassword();
  }
}

void FlowEngine::LeaveOldSecrets() {
  secrets_told_ = true;
  BeginPassword();
}

// What the person has to know behind the new password.
Text FlowEngine::FarewellFor(const SettledSecrets& settled) const {
  const unsigned home_left = secrets_ & kHomes;
  if (((settled.failed | home_left) & kHomes) != 0) return {TextId::kSetHomeLeft};
  if ((settled.failed & kKeyrings) != 0) return {TextId::kSetKeyringLeft};
  if (settled.aside != kNoSecrets) return {TextId::kSetKeyringAside};
  return {TextId::kSet};
}

}  // namespace sspr
