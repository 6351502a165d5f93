// SPDX-License-Identifier: Apache-2.0
// A computer becomes a device of the service, stays one, and stops being one. Each step may be cut
// off anywhere and be begun again: a key is proposed under a name of its own and takes its place
// only when the service has it, so that a repeated request spends no second use of a token.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/secret.h"
#include "common/client/device_link.h"
#include "credprov_win/enroll/faults.h"
#include "credprov_win/machine/enrolment_record.h"

namespace sspr {

struct EnrolOptions {
  std::optional<std::string> name;  // of the computer; its host name otherwise
  bool new_key = false;             // in the place of the one that is enrolled
  bool replace_permit_key = false;  // believe the service's key of permits in the place of ours
};

class Enrolment {
 public:
  using ReadToken = std::function<Result<Secret>()>;

  // All of them outlive it.
  Enrolment(const ClientConfig& config, HttpTransport& transport, const Clock& clock)
      : config_(config), transport_(transport), clock_(clock) {}

  // The token is read only when one is needed.
  EnrolEnd Enrol(const EnrolOptions& options, const ReadToken& read_token);
  // A heartbeat: what the service says of this computer.
  EnrolEnd Renew();
  // offline: looks at the computer alone.
  EnrolEnd Look(bool offline);

 private:
  EnrolEnd EnrolKey(EnrolmentRecord record, const EnrolOptions& options,
                    const ReadToken& read_token);
  Result<DeviceKey> ProposedKey(EnrolmentRecord& record);
  // What the service and the key say of the computer.
  struct Known {
    Thumbprint id{};
    std::vector<ListedPermitKey> permit_keys;
  };
  // A heartbeat with that key.
  std::optional<Error> Ask(const std::string& name, std::int64_t sequence, Known& known);

  const ClientConfig& config_;
  HttpTransport& transport_;
  const Clock& clock_;
};

// Forgets the keys and the record. The service is not told: it has no request for it.
EnrolEnd Unenrol();

}  // namespace sspr
