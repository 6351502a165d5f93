// SPDX-License-Identifier: Apache-2.0
// The connection to sspr-setpw: one call, one answer (common/base/setpw_frames.h). The connection
// is made at the first call; after anything unexpected it is closed and every call is SetpwLost.
#pragma once

#include <functional>
#include <string>

#include "common/base/frame.h"
#include "common/base/secret.h"
#include "common/client/machine_log.h"
#include "common/client/setpw_stream.h"
#include "common/flow/flow_io.h"

namespace sspr {

class SetpwLink {
 public:
  // where as SetpwStream has it. on_wait is called every few seconds while an answer is
  // outstanding.
  SetpwLink(std::string where, std::function<void()> on_wait, const MachineLog& log);
  SetpwLink(const SetpwLink&) = delete;
  SetpwLink& operator=(const SetpwLink&) = delete;

  // new_password is sent with kPropose only. Waits as long as the call may take, at most 50 s.
  SetpwReply Call(const SetpwCall& call, const Secret& new_password);

 private:
  SetpwReply Lost(const char* why);

  SetpwStream stream_;
  std::function<void()> on_wait_;
  const MachineLog& log_;
  bool lost_ = false;
};

}  // namespace sspr
