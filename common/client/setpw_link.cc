// SPDX-License-Identifier: Apache-2.0
#include "common/client/setpw_link.h"

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "common/base/setpw_locked.h"
#include "common/base/text.h"

namespace sspr {
namespace {

using Operation = SetpwCall::Operation;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::seconds;

std::string_view View(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// sspr-setpw waits up to 30 s for the lock of the account files.
seconds LimitOf(Operation operation) {
  switch (operation) {
    case Operation::kListPending:
    case Operation::kAbort:
      return seconds(10);
    case Operation::kPrepare:
    case Operation::kRemember:
    case Operation::kPropose:
      return seconds(40);
    case Operation::kResolve:
    case Operation::kCommit:
    case Operation::kUnlock:
      return seconds(50);
  }
  return seconds(10);
}

FrameType FrameFor(Operation operation) {
  switch (operation) {
    case Operation::kListPending:
      return FrameType::kListPending;
    case Operation::kResolve:
      return FrameType::kResolve;
    case Operation::kPrepare:
      return FrameType::kPrepare;
    case Operation::kRemember:
      return FrameType::kRemember;
    case Operation::kPropose:
      return FrameType::kPropose;
    case Operation::kCommit:
      return FrameType::kCommit;
    case Operation::kAbort:
      return FrameType::kAbort;
    case Operation::kUnlock:
      return FrameType::kUnlock;
  }
  return FrameType::kAbort;
}

void PutFields(const SetpwCall& call, const Secret& new_password, FrameWriter& frame) {
  switch (call.operation) {
    case Operation::kListPending:
    case Operation::kAbort:
      return;
    case Operation::kResolve:
      frame.PutBytes(View(call.transaction));
      frame.PutU8(static_cast<std::uint8_t>(call.verdict));
      if (call.permit) frame.PutBytes(View(*call.permit));
      return;
    case Operation::kPrepare:
      frame.PutString(call.account);
      if (call.or_directory) frame.PutU8(1);
      return;
    case Operation::kRemember:
      frame.PutBytes(new_password.Reveal());
      return;
    case Operation::kPropose:
      frame.PutBytes(View(call.transaction));
      frame.PutBytes(new_password.Reveal());
      return;
    case Operation::kCommit:
    case Operation::kUnlock:
      if (call.permit) frame.PutBytes(View(*call.permit));
      return;
  }
}

template <std::size_t Size>
std::array<unsigned char, Size> TakeBytes(FieldReader& fields) {
  std::array<unsigned char, Size> bytes{};
  const std::string_view text = fields.Bytes(Size);
  if (text.size() == Size) std::memcpy(bytes.data(), text.data(), Size);
  return bytes;
}

// A code of an enumeration whose values are 0 to last.
template <typename E>
std::optional<E> TakeCode(FieldReader& fields, E last) {
  const std::uint8_t code = fields.U8();
  if (code > static_cast<std::uint8_t>(last)) return std::nullopt;
  return static_cast<E>(code);
}

// A byte with bits that we do not know spoils the reader.
OldSecrets TakeSecrets(FieldReader& fields) {
  const unsigned set = fields.U8();
  if ((set & ~kAllSecrets) != 0) fields.Bytes(kMaxFramePayload + 1);
  return static_cast<OldSecrets>(set & kAllSecrets);
}

SetpwReply ReadPending(FieldReader& fields) {
  PendingList list;
  const std::size_t count = fields.U8();
  if (count > kMaxPendingListed) return SetpwLost{};
  for (std::size_t i = 0; i < count; ++i) {
    list.transactions.push_back(TakeBytes<kTransactionIdBytes>(fields));
  }
  return list;
}

SetpwReply ReadResolved(FieldReader& fields, const TransactionId& asked) {
  const auto named = TakeBytes<kTransactionIdBytes>(fields);
  const auto resolution = TakeCode(fields, Resolution::kKept);
  if (!resolution || named != asked) return SetpwLost{};
  return PendingResolved{*resolution};
}

SetpwReply ReadRejected(FieldReader& fields) {
  const auto reason = TakeCode(fields, RejectionReason::kInternal);
  std::string detail(fields.String());
  if (!reason || !IsCleanText(detail, Lines::kOne)) return SetpwLost{};
  return SetpwRejected{*reason, std::move(detail)};
}

SetpwReply ReadReplyFields(FrameType type, FieldReader& fields, const TransactionId& asked) {
  if (type == FrameType::kPending) return ReadPending(fields);
  if (type == FrameType::kResolved) return ReadResolved(fields, asked);
  if (type == FrameType::kRejected) return ReadRejected(fields);
  if (type == FrameType::kProposed) return SetpwProposed{TakeBytes<kCommitmentBytes>(fields)};
  if (type == FrameType::kRemembered) return SetpwRemembered{TakeSecrets(fields)};
  if (type == FrameType::kCommitted) {
    SetpwCommitted committed;
    committed.settled.relocked = TakeSecrets(fields);
    committed.settled.aside = TakeSecrets(fields);
    committed.settled.failed = TakeSecrets(fields);
    return committed;
  }
  if (type == FrameType::kAborted) return SetpwAborted{};
  if (type == FrameType::kReady) {
    SetpwReady ready;
    ready.device = TakeBytes<kDeviceIdBytes>(fields);
    ready.nonce = TakeBytes<kNonceBytes>(fields);
    const std::uint8_t locked = fields.U8();
    if (locked > (kLockedOut | kOfDirectory)) return SetpwLost{};
    ready.locked_out = (locked & kLockedOut) != 0;
    ready.of_directory = (locked & kOfDirectory) != 0;
    ready.secrets = TakeSecrets(fields);
    return ready;
  }
  if (type == FrameType::kRefused) {
    const auto reason = TakeCode(fields, RefusalReason::kReadOnly);
    if (reason) return SetpwRefused{*reason};
  }
  if (type == FrameType::kFailed) {
    const auto reason = TakeCode(fields, FailureReason::kInternal);
    if (reason) return SetpwFailed{*reason};
  }
  return SetpwLost{};
}

}  // namespace

SetpwLink::SetpwLink(std::string where, std::function<void()> on_wait, const MachineLog& log)
    : stream_(std::move(where)), on_wait_(std::move(on_wait)), log_(log) {}

SetpwReply SetpwLink::Lost(const char* why) {
  if (!lost_) log_.Warning(LogId::kSetpwLost, std::string("sspr-setpw ") + why);
  lost_ = true;
  stream_.Close();
  return SetpwLost{};
}

SetpwReply SetpwLink::Call(const SetpwCall& call, const Secret& new_password) {
  if (lost_) return SetpwLost{};
  if (!stream_.is_open() && !stream_.Open()) return Lost("cannot be reached");
  FrameWriter frame(FrameFor(call.operation));
  PutFields(call, new_password, frame);
  const std::string_view encoded = frame.Encoded();
  if (encoded.empty() || !stream_.Send(encoded)) return Lost("does not listen");
  Frame answer;
  const auto deadline = SteadyClock::now() + LimitOf(call.operation);
  if (!stream_.Receive(deadline, on_wait_, answer)) return Lost("does not answer");
  FieldReader fields(answer.payload.Reveal());
  SetpwReply reply = ReadReplyFields(answer.type, fields, call.transaction);
  if (std::holds_alternative<SetpwLost>(reply) || !fields.Complete()) {
    return Lost("broke the protocol");
  }
  return reply;
}

}  // namespace sspr
