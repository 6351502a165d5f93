// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <ctime>

#include "common/http/certificate_probe.h"
#include "common/http/http_settings.h"
#include "common/machine/permit_chain.h"
#include "pam_module/doctor/live_checks.h"
#include "pam_module/machine/machine_files.h"

namespace sspr::doctor {
namespace {

constexpr std::chrono::milliseconds kProbeLimit{10'000};
// A proof is good for 120 s without a nonce, a code of an authenticator app for 30.
constexpr std::int64_t kNoticeableSeconds = 30;
constexpr std::int64_t kTooManySeconds = 120;
constexpr UnixSeconds kSoonSeconds = 14 * kDaySeconds;

std::string DateText(UnixSeconds seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  std::array<char, 32> text{};
  gmtime_r(&time, &parts);
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

class ServiceCheck {
 public:
  ServiceCheck(const Machine& machine, DeviceLink& link, const Clock& clock, Report& report)
      : machine_(machine), link_(link), clock_(clock), report_(report) {}

  void Run() {
    const Result<ServiceDescription> service = link_.Describe();
    if (service.ok()) {
      Add(FindingId::kService, Level::kGood, "the service answers");
    } else {
      Explain(service.error());
    }
    CheckCertificate(service.ok());
    CheckClock();
    if (!service.ok()) return;
    CheckPermitKeys(*service);
    CheckDevice(*service);
  }

 private:
  void Add(FindingId id, Level level, const std::string& text, const std::string& remedy = "") {
    report_.Add(id, level, machine_.client.base_url, text, remedy);
  }

  void Explain(const Error& error) {
    const std::string why = ": " + error.detail;
    if (error.detail.starts_with(kCertificateDetail)) {
      return Add(FindingId::kCertificate, Level::kFault,
                 "the service's certificate is not accepted" + why,
                 error.detail.starts_with(kCertificateTimeDetail)
                     ? "set this machine's clock right, or renew the certificate"
                     : "name the authority of the certificate as 'ca_file' in sspr.conf, and the "
                       "service as the certificate does");
    }
    if (error.detail.starts_with(kRedirectDetail)) {
      return Add(FindingId::kService, Level::kFault, "something else answers" + why,
                 "the network may want a sign-in first; else correct 'url' in sspr.conf");
    }
    if (error.code == Errc::kProtocol || error.code == Errc::kDenied) {
      return Add(FindingId::kService, Level::kFault, "what answers is not the service" + why,
                 "correct 'url' in sspr.conf: https://HOST/TENANT");
    }
    Add(FindingId::kService, Level::kFault, "the service cannot be reached" + why,
        "look at the network, the name service and the service itself");
  }

  void CheckCertificate(bool accepted) {
    const Result<ShownCertificate> shown = LookAtCertificate(machine_.client.base_url, kProbeLimit);
    if (!shown.ok()) return;  // that it cannot be reached was said
    const UnixSeconds now = clock_.Now();
    const std::string about = "it is of " + shown->subject + " (" + shown->names + "), by " +
                              shown->issuer + ", from " + DateText(shown->from) + " until " +
                              DateText(shown->until);
    if (now > shown->until) {
      Add(FindingId::kCertificate, Level::kFault,
          "the certificate has expired, if this machine's clock (" + DateText(now) +
              ") is right; " + about,
          "renew it at the service");
    } else if (now < shown->from) {
      Add(FindingId::kCertificate, Level::kFault,
          "the certificate is not valid yet, if this machine's clock (" + DateText(now) +
              ") is right; " + about,
          "set the clock right: timedatectl set-ntp true");
    } else if (!accepted) {
      Add(FindingId::kCertificate, Level::kNote, about);
    } else if (shown->until - now < kSoonSeconds) {
      Add(FindingId::kCertificate, Level::kWarning,
          "the certificate is good until " + DateText(shown->until) + " only",
          "renew it at the service before that");
    } else {
      Add(FindingId::kCertificate, Level::kGood,
          "the certificate is accepted, and good until " + DateText(shown->until));
    }
  }

  void CheckClock() {
    const std::optional<std::int64_t> difference = link_.clock_difference();
    if (!difference) return;
    const std::int64_t off = *difference < 0 ? -*difference : *difference;
    const std::string which = *difference < 0 ? " s fast" : " s slow";
    if (off <= kNoticeableSeconds) {
      return Add(FindingId::kClock, Level::kGood, "the clocks of service and machine agree");
    }
    Add(FindingId::kClock, off > kTooManySeconds ? Level::kFault : Level::kWarning,
        "this machine's clock is " + std::to_string(off) + which + " by the service's",
        "set it right: timedatectl set-ntp true");
  }

  void CheckPermitKeys(const ServiceDescription& service) {
    if (service.permit_keys.empty()) {
      return Add(FindingId::kPermitKeys, Level::kWarning,
                 "the service signs no permits, so it resets accounts of a directory only");
    }
    const Result<std::string> pem = ReadFileOf(machine_.PermitKeyFile(), 64 * 1024);
    const Result<std::string> more = ReadFileOf(machine_.SuccessionFile(), 64 * 1024);
    if (!pem.ok()) return;  // that there is none was said
    const auto installed = ReadChain(*pem, more.ok() ? *more : std::string());
    if (!installed.ok()) return;
    const auto extended = ExtendChain(*installed, service.permit_keys);
    if (!extended.ok()) {
      return Add(FindingId::kPermitKeys, Level::kFault,
                 "the service signs permits with a key that this machine does not trust, so no "
                 "account of this machine is reset",
                 "if the service was set up anew, run sspr-enroll enroll --replace-permit-key; if "
                 "it was not, somebody else answers in its place");
    }
    if (*extended != *installed) {
      return Add(FindingId::kPermitKeys, Level::kFault,
                 "the service has a new key of permits, which this machine does not know yet",
                 "run sspr-enroll renew");
    }
    Add(FindingId::kPermitKeys, Level::kGood, "the machine trusts the key that signs permits");
  }

  void CheckDevice(const ServiceDescription& service) {
    Result<DeviceKey> key = DeviceKey::Load(machine_.KeyFile());
    if (!key.ok() || !service.enrols) return;
    link_.ProveWith(std::move(*key));
    const Result<HeartbeatAnswer> answer = link_.Heartbeat(FactsOf(machine_), 0);
    if (answer.ok()) {
      return Add(FindingId::kDeviceAtService, Level::kGood, "the service knows this device");
    }
    const std::string& words = answer.error().detail;
    if (words == kRevokedWords) {
      return Add(FindingId::kDeviceAtService, Level::kFault, "the service revoked this device",
                 "if that was a mistake, run sspr-enroll enroll --new-key with a new token");
    }
    if (words == kUnknownDeviceWords) {
      return Add(FindingId::kDeviceAtService, Level::kWarning,
                 "the service does not know this device's key",
                 "run sspr-enroll enroll with a token of 'ssprctl devices token'");
    }
    Add(FindingId::kDeviceAtService, Level::kWarning,
        "the service did not say whether it knows this device: " + words, "try again later");
  }

  const Machine& machine_;
  DeviceLink& link_;
  const Clock& clock_;
  Report& report_;
};

}  // namespace

void CheckService(const Machine& machine, DeviceLink& link, const Clock& clock, Report& report) {
  ServiceCheck(machine, link, clock, report).Run();
}

}  // namespace sspr::doctor
