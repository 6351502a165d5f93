// SPDX-License-Identifier: Apache-2.0
// What Windows does not have yet behind the seams of the client: a program that sets passwords of
// local accounts. The flow never asks for it, as the provider offers no reset for a local account.
#include "common/client/setpw_link.h"

namespace sspr {

SetpwLink::SetpwLink(std::string socket_path, std::function<void()> on_wait, const MachineLog& log)
    : path_(std::move(socket_path)), on_wait_(std::move(on_wait)), log_(log) {}
SetpwLink::~SetpwLink() = default;

SetpwReply SetpwLink::Call(const SetpwCall&, const Secret&) { return Lost("not on Windows"); }

SetpwReply SetpwLink::Lost(const char* why) {
  fd_ = -1;
  lost_ = true;
  log_.Warning(LogId::kSetpwLost, why);
  return sspr::SetpwLost{};
}

}  // namespace sspr
