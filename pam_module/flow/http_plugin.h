// SPDX-License-Identifier: Apache-2.0
// libcurl, OpenSSL's TLS and the trust store cost more than everything else of this program, so
// they come in a library that is loaded behind the first question, from the program's own folder.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/http/http_settings.h"

namespace sspr {

// Where the library is; asked before the process is confined. Empty when the folder is not known.
std::string HttpPluginPath();

// kInternal when the library cannot be loaded or has no transport to give.
Result<std::unique_ptr<HttpTransport>> OpenTransport(const std::string& plugin,
                                                     const HttpSettings& settings);

}  // namespace sspr
