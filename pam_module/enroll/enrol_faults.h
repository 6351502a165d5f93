// SPDX-License-Identifier: Apache-2.0
// What sspr-enroll says when it cannot go on, and what is to be done then.
#pragma once

#include <string>

#include "pam_module/enroll/enrolment.h"

namespace sspr {

// An error of DeviceLink.
EnrolError Explain(const Error& error, const std::string& base_url);
EnrolError MachineFault(std::string text);
EnrolError NoFlowUser(const std::string& user);
EnrolError NoToken(const std::string& why);
EnrolError NotEnrolled();
EnrolError OpenResets();
EnrolError ForeignPermitKey();
EnrolError NoPermitKey(const std::string& path);
EnrolError UnsoundPermitKey(const std::string& path, const std::string& why);
EnrolError Unreadable(const std::string& why);

}  // namespace sspr
