// SPDX-License-Identifier: Apache-2.0
// The beginning of a reset, and going on with one that was cut off.
#pragma once

#include <atomic>
#include <optional>

#include "service/engine/engine_parts.h"
#include "service/engine/sessions.h"

namespace sspr::service {

class ResetStart {
 public:
  explicit ResetStart(EngineParts& parts) : parts_(parts) {}
  Reply<StartReply> Start(const Caller& caller, const StartRequest& request);

 private:
  std::optional<StartReply> Resume(const Caller& caller, const StartRequest& request,
                                   const FlowRecord& fresh, const Policy& policy);
  std::optional<Refusal> RefuseDevice(const Caller& caller, const StartRequest& request,
                                      const Policy& tenant);
  void Prune(UnixSeconds now);

  EngineParts& parts_;
  std::atomic<UnixSeconds> pruned_at_ = 0;
};

}  // namespace sspr::service
