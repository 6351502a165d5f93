// SPDX-License-Identifier: Apache-2.0
// Plays a reset as a script against the flow engine and keeps what came of the last event.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/flow/flow_samples.h"

namespace sspr {

class Journey : public ::testing::Test {
 public:
  // Plays one event and keeps what came of it.
  Journey& Then(FlowEvent event) {
    actions_ = engine_.On(std::move(event), now_);
    texts_.clear();
    asked_ = TextId::kNone;
    service_.reset();
    setpw_.reset();
    done_.reset();
    for (const FlowAction& action : actions_) Keep(action);
    return *this;
  }

  void Begin(bool local = true, int min_gates = 1) {
    Then(Begun{"alice", "alice@corp", local, min_gates});
    Then(sample::Say(PendingList{}));
    if (local) {
      Then(sample::Say(SetpwReady{}));
    } else {
      Then(sample::Say(SetpwRefused{RefusalReason::kNotLocal}));
    }
  }
  void Start(Started started, ServiceFeatures features = sample::Extended(), bool local = true) {
    Begin(local);
    Then(sample::Say(features));
    Then(sample::Say(std::move(started)));
  }
  // Up to the question for the new password, by e-mail.
  void Prove(bool local = true) {
    Start(sample::StartedWith({sample::Email()}), sample::Extended(), local);
    Then(sample::Type(""))
        .Then(sample::Say(sample::EmailChallenge()))
        .Then(sample::Type("12345678"))
        .Then(sample::Say(sample::Proven()));
  }
  void TypePassword(const char* text = sample::kGoodPassword) {
    Then(sample::Type(text)).Then(sample::Type(text));
  }
  void Wait(int seconds) { now_ += std::chrono::seconds(seconds); }

  FlowEngine engine_;
  std::chrono::milliseconds now_{1'000'000};
  FlowActions actions_;
  std::vector<TextId> texts_;  // shown
  TextId asked_ = TextId::kNone;
  std::vector<TextId> labels_;
  std::optional<ServiceCall> service_;
  std::optional<SetpwCall> setpw_;
  std::optional<Done> done_;
  std::string code_;

 private:
  void Keep(const FlowAction& action) {
    if (const auto* show = std::get_if<Show>(&action)) texts_.push_back(show->text.id);
    if (const auto* code = std::get_if<ShowCode>(&action)) code_ = code->content;
    if (const auto* ask = std::get_if<Ask>(&action)) asked_ = ask->prompt.id;
    if (const auto* choose = std::get_if<Choose>(&action)) {
      asked_ = choose->text.id;
      labels_.clear();
      for (const Text& label : choose->labels) labels_.push_back(label.id);
    }
    if (const auto* call = std::get_if<ServiceCall>(&action)) service_ = *call;
    if (const auto* call = std::get_if<SetpwCall>(&action)) setpw_ = *call;
    if (const auto* done = std::get_if<Done>(&action)) done_ = *done;
  }
};

}  // namespace sspr
