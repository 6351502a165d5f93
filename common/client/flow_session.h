// SPDX-License-Identifier: Apache-2.0
// One reset: does what the flow engine says, and tells it what came of it. The only wait without a
// limit is the one for a person.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/client/host_link.h"
#include "common/client/machine_log.h"
#include "common/client/service_client.h"
#include "common/client/setpw_link.h"
#include "common/client/texts.h"
#include "common/config/kiosk_config.h"
#include "common/flow/flow_engine.h"

namespace sspr {

class FlowSession {
 public:
  // Everything outlives the session. shown_name is how the log calls the account.
  FlowSession(HostLink& host, ServiceClient& service, SetpwLink& setpw, const Texts& texts,
              const Clock& clock, const MachineLog& log, std::string shown_name);

  // Before Run: the device is shared. Only its methods are offered, and where nobody answers for
  // its idle time the flow ends as if the person had left.
  void BeKiosk(const KioskConfig& kiosk) { kiosk_ = kiosk; }

  // Returns when the flow is over; Done was sent if the host was there.
  void Run(Begun begun);

  // Called once, when a new password is set and before the host hands it to the stack. The host
  // waits meanwhile: 10 s at most.
  void BeforePasswordSet(std::function<void()> prepare) { before_set_ = std::move(prepare); }

  // For the link to sspr-setpw: keeps a waiting host from giving up.
  void KeepHostWaiting();

 private:
  void Perform(FlowActions actions);
  void Do(const FlowAction& action);
  void SendDone(const Done& done);
  void SendChoose(const Choose& choose);
  void SendCode(const ShowCode& code);
  FlowEvent CallService(const ServiceCall& call);
  void Delay(int seconds);
  std::optional<FlowEvent> NextEvent();
  FlowEvent ReadAnswer();
  FlowActions Tell(FlowEvent event);

  HostLink& host_;
  ServiceClient& service_;
  SetpwLink& setpw_;
  const Texts& texts_;
  const Clock& clock_;
  const MachineLog& log_;
  std::string shown_name_;
  std::function<void()> before_set_;
  FlowEngine engine_;
  std::optional<FlowAction> open_call_;
  unsigned questions_ = 0;
  std::optional<KioskConfig> kiosk_;
  bool idle_ = false;
};

}  // namespace sspr
