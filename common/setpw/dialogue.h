// SPDX-License-Identifier: Apache-2.0
// The frames of docs/frames.md, second table: which is legal in which state, what it says and what
// the answer is, on whatever system. Anything else ends the dialogue without an answer. The caller
// is assumed hostile.
#pragma once

#include <optional>

#include "common/base/frame.h"
#include "common/setpw/reset_steps.h"

namespace sspr::setpw {

class Dialogue {
 public:
  enum class State { kIdle, kReady, kReadyToUnlock, kProposed, kOver };

  // steps outlives this.
  explicit Dialogue(ResetSteps& steps) : steps_(steps) {}

  // The answer to one frame, if there is one. Look at state() afterwards.
  std::optional<FrameWriter> Handle(const Frame& frame);
  State state() const noexcept { return state_; }
  // False after a frame that was illegal or malformed.
  bool kept_protocol() const noexcept { return kept_protocol_; }

 private:
  std::optional<FrameWriter> ListPending(FieldReader fields);
  std::optional<FrameWriter> Resolve(FieldReader fields);
  std::optional<FrameWriter> Prepare(FieldReader fields);
  std::optional<FrameWriter> Remember(FieldReader fields);
  std::optional<FrameWriter> Propose(FieldReader fields);
  std::optional<FrameWriter> Commit(FieldReader fields);
  std::optional<FrameWriter> Unlock(FieldReader fields);
  std::optional<FrameWriter> Abort(FieldReader fields);
  std::nullopt_t BreakOff();

  struct Rule;
  static const Rule kRules[];

  ResetSteps& steps_;
  State state_ = State::kIdle;
  bool kept_protocol_ = true;
  int proposals_ = 0;
  int memories_ = 0;
};

}  // namespace sspr::setpw
