// SPDX-License-Identifier: Apache-2.0
// What the settings of all notifiers share: secrets that lie in files, and hosts to which plain
// text may go.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr::service {

// The first line of the file. kInternal, with a sentence that names the file and not what is in it,
// when it cannot be read or the line is empty, too long or has a NUL. what: "SMTP password".
Result<Secret> SecretInFile(const std::string& path, std::string_view what);

// localhost, 127.0.0.0/8, ::1.
bool IsThisMachine(std::string_view host);

}  // namespace sspr::service
