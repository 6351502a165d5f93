// SPDX-License-Identifier: Apache-2.0
// Until when a certificate is good.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "service/doctor/report.h"

namespace sspr::service {

// id: of the finding, which names the subject.
void CheckCertificateFile(std::string_view id, const std::string& pem_file, UnixSeconds now,
                          DoctorReport& report);
void CheckCertificate(std::string_view id, std::string_view subject, std::string_view der,
                      UnixSeconds now, DoctorReport& report);

}  // namespace sspr::service
