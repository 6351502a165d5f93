// SPDX-License-Identifier: Apache-2.0
// HttpTransport over WinHTTP: TLS 1.2 or better, the trust store and the proxy of the machine
// (netsh winhttp), nothing of a user's, no automatic discovery of proxies. settings.ca_file is not
// used: a private authority belongs into the machine's store.
#pragma once

#include <memory>

#include "common/http/http_settings.h"

namespace sspr {

// Connects to nothing yet. kInternal when the settings are unfit or WinHTTP cannot be had.
Result<std::unique_ptr<HttpTransport>> OpenWinHttp(const HttpSettings& settings);

}  // namespace sspr
