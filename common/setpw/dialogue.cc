// SPDX-License-Identifier: Apache-2.0
#include "common/setpw/dialogue.h"

#include "common/base/setpw_locked.h"
#include "common/base/text.h"

namespace sspr::setpw {
namespace {

// Each costs two hashes; a person does not need as many.
constexpr int kMaxProposals = 20;
constexpr int kMaxMemories = 20;

std::optional<Verdict> VerdictFrom(std::uint8_t byte) {
  if (byte > static_cast<std::uint8_t>(Verdict::kSucceeded)) return std::nullopt;
  return static_cast<Verdict>(byte);
}

template <typename Reason>
FrameWriter WithReason(FrameType type, Reason reason) {
  FrameWriter answer(type);
  answer.PutU8(static_cast<std::uint8_t>(reason));
  return answer;
}

FrameWriter Rejected(const Rejection& rejection) {
  FrameWriter answer = WithReason(FrameType::kRejected, rejection.reason);
  answer.PutString(rejection.detail);
  return answer;
}

FrameWriter Committed(const SettledSecrets& settled) {
  FrameWriter answer(FrameType::kCommitted);
  for (const OldSecrets set : {settled.relocked, settled.aside, settled.failed}) {
    answer.PutU8(set);
  }
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
    {State::kReady, FrameType::kRemember, &Dialogue::Remember},
    {State::kReady, FrameType::kPropose, &Dialogue::Propose},
    {State::kReady, FrameType::kAbort, &Dialogue::Abort},
    {State::kReady, FrameType::kUnlock, &Dialogue::Unlock},
    {State::kReadyToUnlock, FrameType::kUnlock, &Dialogue::Unlock},
    {State::kReadyToUnlock, FrameType::kAbort, &Dialogue::Abort},
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

std::optional<FrameWriter> Dialogue::ListPending(FieldReader fields) {
  if (!fields.Complete()) return BreakOff();
  const std::vector<TransactionId> pending = steps_.Pending();
  FrameWriter answer(FrameType::kPending);
  answer.PutU8(static_cast<std::uint8_t>(pending.size()));
  for (const TransactionId& transaction : pending) answer.PutBytes(View(transaction));
  return answer;
}

std::optional<FrameWriter> Dialogue::Resolve(FieldReader fields) {
  const auto transaction = FixedBytesFrom<kTransactionIdBytes>(fields.Bytes(kTransactionIdBytes));
  const auto verdict = VerdictFrom(fields.U8());
  std::string_view permit;
  if (verdict == Verdict::kSucceeded) permit = fields.Bytes(kPermitBytes);
  if (!fields.Complete() || !transaction || !verdict) return BreakOff();
  const Resolution resolution = steps_.Resolve(*transaction, *verdict, permit);
  FrameWriter answer(FrameType::kResolved);
  answer.PutBytes(View(*transaction));
  answer.PutU8(static_cast<std::uint8_t>(resolution));
  return answer;
}

std::optional<FrameWriter> Dialogue::Prepare(FieldReader fields) {
  const std::string_view account = fields.String();
  const bool or_directory = !fields.Complete();
  if (or_directory && (fields.U8() != 1 || !fields.Complete())) return BreakOff();
  if (!IsCarriableUserName(account)) return BreakOff();
  const auto prepared = steps_.Prepare(account, or_directory);
  if (const auto* reason = std::get_if<RefusalReason>(&prepared)) {
    return WithReason(FrameType::kRefused, *reason);
  }
  const auto& ready = std::get<ReadyToReset>(prepared);
  state_ = ready.of_directory ? State::kReadyToUnlock : State::kReady;
  FrameWriter answer(FrameType::kReady);
  answer.PutBytes(View(ready.device));
  answer.PutBytes(View(ready.nonce));
  answer.PutU8(static_cast<std::uint8_t>((ready.locked_out ? kLockedOut : 0) |
                                         (ready.of_directory ? kOfDirectory : 0)));
  answer.PutU8(ready.secrets);
  return answer;
}

std::optional<FrameWriter> Dialogue::Remember(FieldReader fields) {
  const auto password = Secret::CopyOf(fields.Rest());
  if (!password || ++memories_ > kMaxMemories) return BreakOff();
  const std::optional<OldSecrets> opened = steps_.Remember(*password);
  if (!opened) return BreakOff();
  return WithReason(FrameType::kRemembered, *opened);
}

std::optional<FrameWriter> Dialogue::Propose(FieldReader fields) {
  const auto transaction = FixedBytesFrom<kTransactionIdBytes>(fields.Bytes(kTransactionIdBytes));
  if (!transaction || ++proposals_ > kMaxProposals) return BreakOff();
  state_ = State::kReady;
  const auto password = Secret::CopyOf(fields.Rest());
  if (!password) {
    static_cast<void>(steps_.Abort());
    return Rejected({RejectionReason::kTooLong, ""});
  }
  const auto proposed = steps_.Propose(*transaction, *password);
  if (const auto* rejection = std::get_if<Rejection>(&proposed)) {
    return Rejected(*rejection);
  }
  state_ = State::kProposed;
  FrameWriter answer(FrameType::kProposed);
  answer.PutBytes(View(std::get<Commitment>(proposed)));
  return answer;
}

std::optional<FrameWriter> Dialogue::Commit(FieldReader fields) {
  const std::string_view permit = fields.Bytes(kPermitBytes);
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  if (const auto failure = steps_.Commit(permit)) return WithReason(FrameType::kFailed, *failure);
  return Committed(steps_.settled());
}

std::optional<FrameWriter> Dialogue::Unlock(FieldReader fields) {
  const std::string_view permit = fields.Bytes(kPermitBytes);
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  if (const auto failure = steps_.Unlock(permit)) return WithReason(FrameType::kFailed, *failure);
  return Committed({});  // the old password still opens everything
}

std::optional<FrameWriter> Dialogue::Abort(FieldReader fields) {
  if (!fields.Complete()) return BreakOff();
  state_ = State::kOver;
  if (!steps_.Abort()) return std::nullopt;
  return FrameWriter(FrameType::kAborted);
}

}  // namespace sspr::setpw
