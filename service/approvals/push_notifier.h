// SPDX-License-Identifier: Apache-2.0
// Notifier that wakes phones by Web Push (RFC 8030). The address comes from a browser, so it is not
// trusted: https alone, hosts of push services alone, no address of the own network, no redirect.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "service/approvals/p256.h"
#include "service/crypto/random.h"
#include "service/delivery/notifier.h"
#include "service/store/approval_table.h"

namespace sspr::service {

struct PushSettings {
  std::string key_file;  // of VAPID: a P-256 private key in PEM; empty: phones are not woken
  std::string contact;   // mailto: or https:, for the operator of the push service
  // "fcm.googleapis.com", or ".push.apple.com" for every host below.
  std::vector<std::string> hosts = {"fcm.googleapis.com", ".push.services.mozilla.com",
                                    ".push.apple.com", ".notify.windows.com"};
  bool private_addresses = false;  // also those of the own network and of this machine
  std::string ca_file;  // PEM; trusted instead of the system's store. Empty: the system's
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds request{10'000};
};

// https, a host of the list, no user, the usual port or, with private_addresses, any.
bool IsPushEndpoint(const PushSettings& settings, std::string_view endpoint);

// Not of this machine, a private network, a link, multicast or documentation. Numeric.
bool IsPublicAddress(std::string_view address);

class PushNotifier final : public Notifier {
 public:
  // Connects to nothing yet. table, random and clock outlive it. To be called while the process has
  // one thread. kPolicy or kInternal, with a sentence, when the settings are unfit.
  static Result<std::unique_ptr<PushNotifier>> Make(PushSettings settings, ApprovalTable& table,
                                                    Random& random, const Clock& clock);
  ~PushNotifier() override;

  // message.to is a phone's method id. A phone without a subscription is none to wake: success. A
  // subscription that the push service no longer knows is forgotten, kPolicy.
  Status Send(const Message& message) override;

 private:
  PushNotifier(PushSettings settings, P256Key key, ApprovalTable& table, Random& random,
               const Clock& clock);
  Status Post(const std::string& endpoint, const std::string& body, const std::string& vapid,
              long& status);

  const PushSettings settings_;
  const P256Key key_;
  ApprovalTable& table_;
  Random& random_;
  const Clock& clock_;
};

}  // namespace sspr::service
