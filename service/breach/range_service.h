// SPDX-License-Identifier: Apache-2.0
// A service that is told the first five digits of a password's SHA-1 digest and answers with the
// rest of all that it knows (k-anonymity, as Have I Been Pwned has it): lines of 35 hexadecimal
// digits, a colon and a count. Padding has the count 0.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/result.h"
#include "common/http/http_transport.h"
#include "service/breach/breach_check.h"

namespace sspr::service {

struct RangeServiceSettings {
  std::string url;      // https://host/path without a slash at the end; the digits are added
  std::string ca_file;  // PEM; trusted instead of the system's store. Empty: the system's
};

class RangeService final : public BreachCheck {
 public:
  // Connects to nothing yet. kInternal when the settings are unfit.
  static Result<std::unique_ptr<RangeService>> Make(const RangeServiceSettings& settings);
  // For tests. fixed is the transport of all requests.
  explicit RangeService(std::unique_ptr<HttpTransport> fixed) : transport_(std::move(fixed)) {}

  Result<bool> IsBreached(const Secret& password) override;

 private:
  std::mutex mutex_;  // a transport is one thread's at a time
  std::unique_ptr<HttpTransport> transport_;
};

}  // namespace sspr::service
