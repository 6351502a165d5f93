// SPDX-License-Identifier: Apache-2.0
// Every key of /etc/sspr/sspr.conf, which sspr-flow and sspr-setpw share: each refuses a key that
// neither of them knows. docs/configuration.md says what they mean.
#pragma once

#include "common/config/ini_file.h"

namespace sspr {

inline constexpr char kConfigurationFile[] = "/etc/sspr/sspr.conf";

inline constexpr IniKey kKnownKeys[] = {
    {"service", "url"},
    {"service", "ca_file"},
    {"service", "client_id"},
    {"service", "language"},
    {"service", "username"},
    {"service", "product_name"},
    {"service", "helpdesk"},
    {"service", "min_gates"},
    {"machine", "device_id_file"},
    {"machine", "permit_key_file"},
    {"machine", "device_key_file"},
    {"machine", "resume_secret_file"},
    {"machine", "setpw_socket"},
    {"machine", "state_dir"},
    {"machine", "min_uid"},
    {"machine", "max_uid"},
    {"machine", "deny_groups"},
    {"machine", "flow_user"},
    {"kiosk", "enabled"},
    {"kiosk", "methods"},
    {"kiosk", "idle_seconds"},
    {"kiosk", "starts_per_hour"},
    {"kiosk", "budget_folder"},
};

}  // namespace sspr
