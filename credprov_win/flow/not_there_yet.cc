// SPDX-License-Identifier: Apache-2.0
// What Windows does not have yet behind the seams of the client: a program that sets passwords of
// local accounts, and a device key. The flow never asks for the first, as the provider offers no
// reset for a local account; nothing makes a DeviceProver without the second.
#include "common/client/setpw_link.h"
#include "common/protocol/device_proof.h"

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

void FreeDeviceKey::operator()(EVP_PKEY*) const noexcept {}

Result<std::string> DeviceProver::Prove(std::string_view, std::string_view,
                                        std::string_view) const {
  return Error{Errc::kInternal, "there is no device key on Windows yet"};
}

}  // namespace sspr
