// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/certificate_age.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace sspr::service {
namespace {

constexpr UnixSeconds kDay = 24 * 3600;
constexpr UnixSeconds kSoonDays = 30;

struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using X509Pointer = std::unique_ptr<X509, FreeX509>;

void Judge(std::string_view id, std::string_view subject, const X509* certificate, UnixSeconds now,
           DoctorReport& report) {
  std::tm parts{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) {
    report.Add(id, FindingLevel::kFault, subject, "is no certificate",
               "name a certificate in PEM in the configuration");
    return;
  }
  const UnixSeconds until = timegm(&parts);
  const UnixSeconds days = (until - now) / kDay;
  if (until <= now) {
    report.Add(id, FindingLevel::kFault, subject,
               "the certificate is over for " + std::to_string(-days) + " days",
               "renew it, and restart who uses it");
  } else if (days < kSoonDays) {
    report.Add(id, FindingLevel::kWarning, subject,
               "the certificate is good for " + std::to_string(days) + " more days",
               "renew it before that");
  } else {
    report.Good(id, subject, "the certificate is good for " + std::to_string(days) + " more days");
  }
}

}  // namespace

void CheckCertificateFile(std::string_view id, const std::string& pem_file, UnixSeconds now,
                          DoctorReport& report) {
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(pem_file.c_str(), "re"));
  if (file == nullptr) {
    report.Add(id, FindingLevel::kFault, pem_file, "cannot be read",
               "let the service's account read it, or name another file");
    return;
  }
  const X509Pointer certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  Judge(id, pem_file, certificate.get(), now, report);
}

void CheckCertificate(std::string_view id, std::string_view subject, std::string_view der,
                      UnixSeconds now, DoctorReport& report) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const X509Pointer certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  Judge(id, subject, certificate.get(), now, report);
}

}  // namespace sspr::service
