// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/enroll/faults.h"

#include "common/client/device_link.h"
#include "common/http/http_settings.h"

namespace sspr {
namespace {

EnrolEnd Refused(std::string text) { return {EnrolCode::kRefused, std::move(text)}; }
EnrolEnd NotReached(std::string text) { return {EnrolCode::kNotReached, std::move(text)}; }

EnrolEnd ExplainWords(const std::string& words) {
  if (words == kBadTokenWords) {
    return Refused(
        "The service does not take this token: it is wrong, used up or expired. Make a new one "
        "with 'ssprctl devices token' and run sspr-enroll again.");
  }
  if (words == kRevokedWords) {
    return Refused(
        "The service revoked this computer's key. If that was a mistake, enrol with another one: "
        "sspr-enroll enroll --new-key, with a new token.");
  }
  if (words == kUnknownDeviceWords) {
    return Refused(
        "The service does not know this computer's key. Enrol it with a token: sspr-enroll "
        "enroll.");
  }
  if (words.ends_with("/too_many_attempts")) {
    return NotReached(
        "The service refused too many enrolments from this network and takes none for up to an "
        "hour. Try again later.");
  }
  if (words.starts_with("use_dpop_nonce")) {
    return Refused(
        "The service does not accept this computer's proof, not even with its nonce: set the clock "
        "right.");
  }
  return Refused("The service refused: " + words + ". Ask its administrator, with these words.");
}

}  // namespace

EnrolEnd Explain(const Error& error, const std::string& base_url) {
  const std::string where = base_url + ": " + error.detail + ". ";
  switch (error.code) {
    case Errc::kDenied:
      return ExplainWords(error.detail);
    case Errc::kUnreachable:
      if (error.detail.starts_with(kCertificateTimeDetail)) {
        return NotReached(where + "Set this computer's clock right, or renew the certificate.");
      }
      if (error.detail.starts_with(kCertificateDetail)) {
        return NotReached(where +
                          "Put the authority of the certificate into the computer's own store.");
      }
      return NotReached(where + "Look at the network and the proxy (netsh winhttp show proxy).");
    case Errc::kTimedOut:
      return NotReached(where + "Look at the network and the proxy (netsh winhttp show proxy).");
    case Errc::kProtocol:
      if (error.detail.starts_with(kRedirectDetail)) {
        return NotReached(where + "The network wants a sign-in first, or ServiceUrl is wrong.");
      }
      return Refused(where + "Is ServiceUrl the address of the service?");
    case Errc::kCancelled:
    case Errc::kPolicy:
    case Errc::kExpired:
    case Errc::kInternal:
      break;
  }
  return MachineFault(error);
}

EnrolEnd MachineFault(const Error& error) {
  return {EnrolCode::kMachine, error.detail + ". Run this as an administrator."};
}

EnrolEnd NoToken(const std::string& why) {
  return {EnrolCode::kUsage,
          "No enrolment token: " + why +
              ". Make one with 'ssprctl devices token' and give it by --token-file or on standard "
              "input."};
}

EnrolEnd NotEnrolled() {
  return Refused("This computer is not enrolled: run sspr-enroll enroll, with a token.");
}

EnrolEnd ForeignPermitKey() {
  return {EnrolCode::kRefused,
          "The service signs permits with a key that this computer does not trust. If the service "
          "was set up anew, run sspr-enroll enroll --replace-permit-key; if it was not, somebody "
          "else answers in its place."};
}

}  // namespace sspr
