// SPDX-License-Identifier: Apache-2.0
// The host's side of a reset as a pure state machine: frames from sspr-flow in, steps for the host
// (PAM module, credential provider) out. No I/O, no clock, no heap. docs/frames.md is its table.
//
// The host is assumed to be talking to a broken or hostile sspr-flow and to a broken front end: an
// illegal frame, unclean text, or an answer that shows that the front end answers every question
// with one text ends the flow, and nothing is set.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/frame.h"
#include "common/base/secret.h"

namespace sspr {

// What the host does next.
enum class HostStep : std::uint8_t {
  kShowInfo,    // show text, then read on
  kShowError,   // show text as an error, then read on
  kWait,        // show text if there is any; the deadline starts anew; read on
  kAskVisible,  // ask with text as the prompt, then TakeAnswer
  kAskHidden,   // the same without echo
  kCode,        // draw code() where it fits, then read on
  kChoose,      // let the person choose one of the labels, then TakeAnswer with its number
  kFinished,    // over: outcome() holds
  kBroken,      // over: sspr-flow broke the protocol; nothing is set
};

// The modules of a QR code.
class CodeModules {
 public:
  CodeModules() noexcept = default;
  // bits: side × side of them.
  CodeModules(std::size_t side, std::string_view bits) noexcept : side_(side), bits_(bits) {}
  std::size_t side() const noexcept { return side_; }
  bool IsDark(std::size_t x, std::size_t y) const noexcept {
    const std::size_t bit = y * side_ + x;
    return (static_cast<unsigned char>(bits_[bit / 8]) >> (7 - bit % 8) & 1u) != 0;
  }

 private:
  std::size_t side_ = 0;
  std::string_view bits_;
};

enum class AnswerVerdict : std::uint8_t {
  kSend,          // the encoded frame is in the writer
  kNotAChoice,    // ask again: the number is none of those offered
  kSameForAll,    // over: this front end answers every question with one text
  kTooManyTries,  // over: no valid choice in three tries
};

class HostFlow {
 public:
  static constexpr std::size_t kHeldAnswers = 4;
  static constexpr int kMaxFrames = 256;
  static constexpr int kMaxChoiceTries = 3;
  static constexpr int kMaxEmptyAnswers = 6;

  // trigger: what the person typed to ask for the reset (empty for the empty answer). A visible
  // answer equal to it gives a single-answer front end away; where it is empty, and an empty answer
  // is often a good one, kMaxEmptyAnswers of them and nothing else do.
  // draws_codes: as said in Begin; else a code breaks the protocol.
  HostFlow(std::string_view user, std::string_view trigger, bool draws_codes = false) noexcept;

  // Takes one frame while the host waits. text() and labels hold until the next call.
  HostStep TakeFrame(Frame& frame) noexcept;
  // The answer to the question that TakeFrame asked for; kSend fills writer (made for kAnswer).
  AnswerVerdict TakeAnswer(std::string_view answer, FrameWriter& writer) noexcept;

  std::string_view text() const noexcept { return text_; }
  std::size_t label_count() const noexcept { return label_count_; }
  std::string_view label(std::size_t index) const noexcept { return labels_[index]; }

  // After kCode, until the next call.
  CodeModules code() const noexcept { return code_; }

  // After kFinished.
  Outcome outcome() const noexcept { return outcome_; }
  // After kFinished with kPasswordSet: the password to hand to the login stack.
  const Secret& new_password() const noexcept { return held_[chosen_].answer; }

 private:
  enum class State : std::uint8_t { kWaiting, kAskingVisible, kAskingHidden, kChoosing, kOver };
  struct HeldAnswer {
    Secret answer;
    std::uint16_t index = kNoAnswer;
  };

  HostStep Broken() noexcept;
  HostStep Show(HostStep step, std::string_view text) noexcept;
  HostStep Ask(State state, std::string_view prompt) noexcept;
  HostStep Choose(std::string_view payload) noexcept;
  HostStep TakeCode(std::string_view payload) noexcept;
  HostStep Finish(std::string_view payload) noexcept;
  bool GivesFrontEndAway(std::string_view answer) noexcept;

  State state_ = State::kWaiting;
  Outcome outcome_ = Outcome::kNotChanged;
  std::uint16_t next_question_ = 0;
  bool draws_codes_;
  CodeModules code_;
  int frames_ = 0;
  int choice_tries_ = 0;
  int empty_answers_ = 0;  // since the beginning, while there was no other
  bool answered_ = false;  // with anything but nothing
  std::size_t next_held_ = 0;
  std::size_t chosen_ = 0;
  std::size_t label_count_ = 0;
  std::string_view text_;
  std::array<std::string_view, kMaxChoices> labels_{};
  Frame frame_;  // what text_ and labels_ point into
  Secret user_;
  Secret trigger_;
  std::array<HeldAnswer, kHeldAnswers> held_{};
};

// How long the host waits for a machine; a person is never timed. Time is monotonic milliseconds.
class HostDeadline {
 public:
  static constexpr std::chrono::milliseconds kFirstFrame{3'000};
  static constexpr std::chrono::milliseconds kNextFrame{20'000};
  static constexpr std::chrono::milliseconds kAllWaits{120'000};

  explicit HostDeadline(std::chrono::milliseconds connected) noexcept
      : deadline_(connected + kFirstFrame), last_(connected + kAllWaits) {}

  void OnFrame(std::chrono::milliseconds now) noexcept { Renew(now); }
  void OnAnswerSent(std::chrono::milliseconds now) noexcept {
    last_ = now + kAllWaits;
    Renew(now);
  }
  // The person was shown something: some front ends wait until it is confirmed.
  void OnPersonTook(std::chrono::milliseconds time) noexcept {
    deadline_ += time;
    last_ += time;
  }
  // Zero when it has passed.
  std::chrono::milliseconds Left(std::chrono::milliseconds now) const noexcept {
    return now < deadline_ ? deadline_ - now : std::chrono::milliseconds{0};
  }

 private:
  void Renew(std::chrono::milliseconds now) noexcept {
    deadline_ = now + kNextFrame < last_ ? now + kNextFrame : last_;
  }
  std::chrono::milliseconds deadline_;
  std::chrono::milliseconds last_;
};

}  // namespace sspr
