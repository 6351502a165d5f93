// SPDX-License-Identifier: Apache-2.0
// One user as an operator sees them.
#pragma once

#include "service/operators/pages/admin_host.h"

namespace sspr::service {

// error: what was refused just now, or null.
HttpReply ShowUser(AdminHost& admin, AdminVisit& visit, const UserRecord& user, const Error* error);
// What the form's "do" names.
HttpReply ChangeUser(AdminHost& admin, AdminVisit& visit, const UserRecord& user, const Form& form);

std::string GroupWords(const std::vector<std::string>& groups);

}  // namespace sspr::service
