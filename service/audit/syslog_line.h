// SPDX-License-Identifier: Apache-2.0
// Records of the audit as RFC 5424 messages.
#pragma once

#include <string>
#include <string_view>

#include "service/audit/audit_search.h"

namespace sspr::service {

// One message without a newline: facility 13 (log audit), the event as MSGID, what it tells of as
// structured data "sspr@32473", the JSON line with the hashes as text.
std::string SyslogLine(const AuditRecord& record, std::string_view host);

// The name of this machine as HOSTNAME of a message.
std::string SyslogHost();

// RFC 6587, octet counting: the length, a space, the message.
std::string SyslogFrame(std::string_view message);

}  // namespace sspr::service
