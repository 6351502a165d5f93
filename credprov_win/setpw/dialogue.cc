// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/setpw/dialogue.h"

#include <utility>

#include "common/base/text.h"

namespace sspr::setpw {
namespace {

constexpr int kMaxProposals = 20;  // a person does not need as many

template <typename Reason>
FrameWriter WithReason(FrameType type, Reason reason) {
  FrameWriter answer(type);
  answer.PutU8(static_cast<std::uint8_t>(reason));
  return answer;
}

FrameWriter Rejected(RejectionReason reason) {
  FrameWriter answer = WithReason(FrameType::kRejected, reason);
  answer.PutString("");
  return answer;
}

// Windows' own seals are told of by sspr-flow.exe; of the other old secrets there are none here.
FrameWriter Ended(const std::optional<FailureReason>& failure) {
  if (failure) return WithReason(FrameType::kFailed, *failure);
  FrameWriter answer(FrameType::kCommitted);
  for (int i = 0; i < 3; ++i) answer.PutU8(kNoSecrets);
  return answer;
}

}  // namespace

struct Dialogue::Rule {
  State state;
  FrameType type;
  std::optional<FrameWriter> (Dialogue::*handle)(FieldReader);
};

const Dialogue::Rule Dialogue::kRules[] = {
    {State::kIdle, FrameType::kListPending, &Dialogue::ListPending},
    {State::kIdle, FrameType::kResolve, &Dialogue::Resolve},
    {State::kIdle, FrameType::kPrepare, &Dialogue::Prepare},
    {State::kReady, FrameType::kPropose, &Dialogue::Propose},
    {State::kReady, FrameType::kAbort, &Dialogue::Abort},
    {State::kReady, FrameType::kUnlock, &Dialogue::Unlock},
    {State::kProposed, FrameType::kPropose, &Dialogue::Propose},
    {State::kProposed, FrameType::kCommit, &Dialogue::Commit},
    {State::kProposed, FrameType::kAbort, &Dialogue::Abort},
};

std::optional<FrameWriter> Dialogue::Handle(const Frame& frame) {
  for (const Rule& rule : kRules) {
    if (rule.state == state_ && rule.type == frame.type) {
      return (this->*rule.handle)(FieldReader(frame.payload.Reveal()));
    }
  }
  return BreakOff();
}

std::nullopt_t Dialogue::BreakOff() {
  state_ = State::kOver;
  kept_protocol_ = false;
  return std::nullopt;
}

// Nothing is ever left open here (local_reset.h).
std::optional<FrameWriter> Dialogue::ListPending(FieldReader fields) {
  if (!fields.Complete()) return BreakOff();
  return WithReason(FrameType::kPending, 0);
}

std::optional<FrameWriter> Dialogue::Resolve(FieldReader fields) {
  const auto transaction = FixedBytesFrom<kTransactionIdBytes>(fields.Bytes(kTransactionIdBytes));
  const std::uint8_t verdict = fields.U8();
  if (verdict == static_cast<std::uint8_t>(Verdict::kSucceeded)) fields.Bytes(kPermitBytes);
  if (!fields.Complete() || !transaction ||
      verdict > static_cast<std::uint8_t>(Verdict::kSucceeded)) {
    return BreakOff();
  }
  FrameWriter answer(FrameType::kResolved);
  answer.PutBytes(View(*transaction));
  answer.PutU8(static_cast<std::uint8_t>(Resolution::kVoided));
  return answer;
}

std::optional<FrameWriter> Dialogue::Prepare(FieldReader fields) {
  const std::string_view account = fields.String();
  if (!fields.Complete() || !IsCarriableUserName(account)) return BreakOff();
  const auto prepared = reset_.Prepare(account);
  if (const auto* reason = std::get_if<RefusalReason>(&prepared)) {
    return WithReason(FrameType::kRefused, *reason);
  }
  const auto& ready = std::get<ReadyToReset>(prepared);
  state_ = State::kReady;
  FrameWriter answer(FrameType::kReady);
  answer.PutBytes(View(ready.device));
  answer.PutBytes(View(ready.nonce));
  answer.PutU8(ready.locked_out ? 1 : 0);
  answer.PutU8(kNoSecrets);
  return answer;
}

std::optional<FrameWriter> Dialogue::Propose(FieldReader fields) {
  const auto transaction = FixedBytesFrom<kTransactionIdBytes>(fields.Bytes(kTransactionIdBytes));
  if (!transaction || ++proposals_ > kMaxProposals) return BreakOff();
  state_ = State::kReady;
  const auto password = Secret::CopyOf(fields.Rest());
  if (!password) {
    reset_.Abort();
    return Rejected(RejectionReason::kTooLong);
  }
  const auto proposed = reset_.Propose(*transaction, *password);
  if (const auto* reason = std::get_if<RejectionReason>(&proposed)) return Rejected(*reason);
  state_ = State::kProposed;
  FrameWriter answer(FrameType::kProposed);
  answer.PutBytes(View(std::get<Commitment>(proposed)));
  return answer;
}

std::optional<FrameWriter> Dialogue::Commit(FieldReader fields) {
  const std::string_view permit = fields.Bytes(kPermitBytes);
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  return Ended(reset_.Commit(permit));
}

std::optional<FrameWriter> Dialogue::Unlock(FieldReader fields) {
  const std::string_view permit = fields.Bytes(kPermitBytes);
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  return Ended(reset_.Unlock(permit));
}

std::optional<FrameWriter> Dialogue::Abort(FieldReader fields) {
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  reset_.Abort();
  return FrameWriter(FrameType::kAborted);
}

}  // namespace sspr::setpw
