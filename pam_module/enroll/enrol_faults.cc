// SPDX-License-Identifier: Apache-2.0
#include "pam_module/enroll/enrol_faults.h"

#include "common/http/http_settings.h"

namespace sspr {
namespace {

EnrolError Refused(std::string text) {
  return {EnrolFault::kRefused, EnrollLogId::kRefused, std::move(text)};
}

EnrolError NotReached(std::string text) {
  return {EnrolFault::kNotReached, EnrollLogId::kNotReached, std::move(text)};
}

EnrolError ExplainWords(const std::string& words) {
  if (words == kBadTokenWords) {
    return Refused(
        "The service does not take this token: it is wrong, used up or expired. Make a new one "
        "with 'ssprctl devices token' and run sspr-enroll again.");
  }
  if (words == kRevokedWords) {
    return Refused(
        "The service revoked this machine's key. If that was a mistake, enrol with another one: "
        "sspr-enroll enroll --new-key, with a new token.");
  }
  if (words == kUnknownDeviceWords) {
    return Refused(
        "The service does not know this machine's key. Enrol it with a token: sspr-enroll enroll.");
  }
  if (words.ends_with("/too_many_attempts")) {
    return NotReached(
        "The service refused too many enrolments from this network and takes none for up to an "
        "hour. Try again later.");
  }
  if (words.starts_with("use_dpop_nonce")) {
    return Refused(
        "The service does not accept this machine's proof, not even with its nonce: set the clock "
        "right.");
  }
  return Refused("The service refused: " + words + ". Ask its administrator, with these words.");
}

}  // namespace

EnrolError Explain(const Error& error, const std::string& base_url) {
  const std::string where = base_url + ": " + error.detail + ". ";
  switch (error.code) {
    case Errc::kDenied:
      return ExplainWords(error.detail);
    case Errc::kUnreachable:
      if (error.detail.starts_with(kCertificateTimeDetail)) {
        return NotReached(where + "Set this machine's clock right, or renew the certificate.");
      }
      if (error.detail.starts_with(kCertificateDetail)) {
        return NotReached(where +
                          "Name the authority of the certificate as 'ca_file' in sspr.conf.");
      }
      return NotReached(where + "Look at the network and try again.");
    case Errc::kTimedOut:
      return NotReached(where + "Look at the network and try again.");
    case Errc::kProtocol:
      if (error.detail.starts_with(kRedirectDetail)) {
        return NotReached(where +
                          "The network wants a sign-in first, or 'url' in sspr.conf is not "
                          "that of the service.");
      }
      return Refused(where + "Is 'url' in sspr.conf that of the service?");
    case Errc::kCancelled:
    case Errc::kPolicy:
    case Errc::kExpired:
    case Errc::kInternal:
      return MachineFault(where);
  }
  return MachineFault(where);
}

EnrolError MachineFault(std::string text) {
  return {EnrolFault::kMachine, EnrollLogId::kMachineFault, std::move(text)};
}

EnrolError NoFlowUser(const std::string& user) {
  return {EnrolFault::kConfiguration, EnrollLogId::kConfigurationRefused,
          "There is no account '" + user +
              "', which sspr-flow runs as: make it (useradd --system " + user +
              "), or name another one as 'flow_user' in sspr.conf."};
}

EnrolError NoToken(const std::string& why) {
  return {EnrolFault::kConfiguration, EnrollLogId::kConfigurationRefused,
          "No enrolment token: " + why +
              ". Make one with 'ssprctl devices token' and give it by --token-file or on standard "
              "input."};
}

EnrolError NotEnrolled() {
  return Refused("This machine is not enrolled: run sspr-enroll enroll, with a token.");
}

EnrolError OpenResets() {
  return MachineFault(
      "Resets are still open here, and are bound to the device's present id. Finish them with "
      "'sspr-flow --recover' and try again.");
}

EnrolError ForeignPermitKey() {
  return {EnrolFault::kRefused, EnrollLogId::kForeignPermitKey,
          "The service signs permits with a key that this machine does not trust, and that no key "
          "which it trusts has made its successor. If the service was set up anew, run sspr-enroll "
          "enroll --replace-permit-key; if it was not, somebody else answers in its place."};
}

EnrolError NoPermitKey(const std::string& path) {
  return MachineFault(path + " is not there: run sspr-enroll enroll.");
}

EnrolError UnsoundPermitKey(const std::string& path, const std::string& why) {
  return MachineFault(path + ": " + why +
                      ". Run sspr-enroll enroll --replace-permit-key, or remove the file and the "
                      "one beside it.");
}

EnrolError Unreadable(const std::string& why) {
  return Refused("The service's keys of permits are not sound: " + why +
                 ". Ask its administrator, with these words.");
}

}  // namespace sspr
