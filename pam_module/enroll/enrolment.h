// SPDX-License-Identifier: Apache-2.0
// A machine becomes a device of the service, stays one, and stops being one. Each step may be cut
// off anywhere and be begun again: a key is proposed in a file of its own (device.key.new) and
// takes its place only when the service has it, so that a repeated request spends no second use of
// a token.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "common/machine/permit_chain.h"
#include "pam_module/enroll/enroll_log.h"
#include "pam_module/machine/machine.h"
#include "pam_module/machine/machine_transport.h"

namespace sspr {

// Why a step did not come to its end, by what is to be done next.
enum class EnrolFault {
  kConfiguration,  // correct the configuration or the command line
  kNotReached,     // try again later
  kRefused,        // an administrator of the service is needed
  kMachine,        // this machine's files are not as they should be
};

struct EnrolError {
  EnrolFault fault;
  EnrollLogId id;
  std::string text;  // what happened and what to do, for the administrator
};

struct EnrolOptions {
  std::optional<std::string> name;  // of the machine; its host name otherwise
  DeviceKeyKind kind = DeviceKeyKind::kP256;
  bool new_key = false;             // in the place of the one that is enrolled
  bool replace_permit_key = false;  // trust the service's key in the place of the installed one
};

struct MachineState {
  bool has_key = false;
  bool begun = false;          // a key was proposed and never taken
  std::string device_id;       // of the key; 64 digits
  bool has_device_id = false;  // and it is that of the key
  bool has_permit_key = false;
  bool complete() const { return has_key && has_device_id && has_permit_key; }
};

struct EnrolOutcome {
  bool changed = false;  // something of the machine's files
  bool enrolled_now = false;
  std::string device_id;
  std::optional<DeviceSettings> settings = {};
};

class Enrolment {
 public:
  using ReadToken = std::function<Result<Secret>()>;

  // All of them outlive it.
  Enrolment(const Machine& machine, HttpTransport& transport, const Clock& clock)
      : machine_(machine), transport_(transport), clock_(clock) {}

  // The token is read only when one is needed.
  std::variant<EnrolOutcome, EnrolError> Enrol(const EnrolOptions& options,
                                               const ReadToken& read_token);
  // A heartbeat: what the service says of this machine, and new keys of permits. They are taken,
  // or, when keys_to names a file, left there for Trust: the file is there afterwards if there are
  // any.
  std::variant<EnrolOutcome, EnrolError> Renew(const std::string& keys_to);
  // Takes the keys that Renew left in this file. Who wrote it need not be trusted: only a key that
  // an installed one made its successor is taken, and none is given up.
  std::variant<EnrolOutcome, EnrolError> Trust(const std::string& keys_from) const;
  // Looks at the files alone.
  std::variant<MachineState, EnrolError> Look() const;
  // And at what the service says of them; changes nothing.
  std::variant<EnrolOutcome, EnrolError> Ask();
  // Forgets key, device id and keys of permits. The service is not told: it has no request for it.
  std::variant<EnrolOutcome, EnrolError> Unenrol();

 private:
  using Fault = std::optional<EnrolError>;

  std::variant<DeviceKey, EnrolError> LoadKey() const;
  std::variant<DeviceKey, EnrolError> ProposeKey(DeviceKeyKind kind, uid_t owner) const;
  std::variant<EnrolOutcome, EnrolError> EnrolKey(const EnrolOptions& options,
                                                  const ReadToken& read_token, uid_t owner);
  // Nothing when the service does not know the key that is in place.
  std::variant<std::optional<HeartbeatAnswer>, EnrolError> AskAboutKey(std::int64_t sequence);
  Fault Install(const Thumbprint& device_id, const std::vector<ListedPermitKey>& keys,
                const EnrolOptions& options, bool& changed) const;
  Fault InstallPermitKeys(const std::vector<ListedPermitKey>& keys, bool replace,
                          bool& changed) const;
  // Nothing when no key of permits is installed.
  std::variant<std::optional<PermitChain>, EnrolError> InstalledChain() const;
  Fault LeavePermitKeys(const std::vector<ListedPermitKey>& keys, const std::string& file,
                        bool& changed) const;
  Fault InstallDeviceId(const Thumbprint& device_id, bool& changed) const;
  Fault MakeResumeKey(uid_t owner, bool& changed) const;
  std::variant<std::int64_t, EnrolError> NextSequence(uid_t owner) const;
  bool HasOpenResets() const;

  const Machine& machine_;
  HttpTransport& transport_;
  const Clock& clock_;
};

}  // namespace sspr
