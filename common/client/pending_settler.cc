// SPDX-License-Identifier: Apache-2.0
#include "common/client/pending_settler.h"

#include <string>
#include <variant>

#include "common/protocol/base64url.h"

namespace sspr {
namespace {

const char* WordFor(Resolution resolution) {
  switch (resolution) {
    case Resolution::kVoided:
      return "nothing was changed, closed";
    case Resolution::kCompleted:
      return "the local password was set, closed";
    case Resolution::kKept:
      return "still open";
  }
  return "still open";
}

SetpwCall VerdictOn(const TransactionId& transaction, const TransactionState& state) {
  SetpwCall resolve{.operation = SetpwCall::Operation::kResolve, .transaction = transaction};
  if (state.state == SetState::kFailed) resolve.verdict = Verdict::kFailed;
  if (state.state == SetState::kSucceeded && state.permit) {
    resolve.verdict = Verdict::kSucceeded;
    resolve.permit = state.permit;
  }
  return resolve;
}

Resolution Settle(ServiceClient& service, SetpwLink& setpw, const TransactionId& transaction) {
  const Secret nothing;
  const ServiceCall ask{.operation = ServiceCall::Operation::kTransaction,
                        .transaction = transaction};
  const std::optional<ServiceReply> reply = service.Call(ask, nothing, nothing);
  TransactionState state;
  if (reply) {
    if (const auto* known = std::get_if<TransactionState>(&*reply)) state = *known;
  }
  const SetpwReply done = setpw.Call(VerdictOn(transaction, state), nothing);
  const auto* resolved = std::get_if<PendingResolved>(&done);
  return resolved != nullptr ? resolved->resolution : Resolution::kKept;
}

}  // namespace

SettlingResult SettlePending(ServiceClient& service, SetpwLink& setpw, const MachineLog& log,
                             const std::function<void(std::string_view)>& say) {
  SettlingResult result;
  const SetpwReply listed = setpw.Call({.operation = SetpwCall::Operation::kListPending}, Secret());
  const auto* pending = std::get_if<PendingList>(&listed);
  if (pending == nullptr) return result;
  result.reached_setpw = true;
  for (const TransactionId& transaction : pending->transactions) {
    const Resolution resolution = Settle(service, setpw, transaction);
    const std::string line = "transaction " + Hex(transaction) + ": " + WordFor(resolution);
    log.Info(LogId::kPendingSettled, line);
    say(line);
    ++(resolution == Resolution::kKept ? result.still_open : result.settled);
  }
  return result;
}

}  // namespace sspr
