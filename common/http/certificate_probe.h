// SPDX-License-Identifier: Apache-2.0
// What certificate a server shows, looked at without trusting it: for the words of an
// administrator's tool when a connection was refused, and before a certificate runs out. Nothing
// is sent to the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace sspr {

struct ShownCertificate {
  std::string subject;  // one line, as OpenSSL prints names
  std::string issuer;
  std::string names;       // the subject's alternative names, "DNS:a, DNS:b"
  std::int64_t from = 0;   // Unix seconds
  std::int64_t until = 0;  // Unix seconds
};

// base_url: as HttpSettings has it. kUnreachable when there is no connection, kProtocol when the
// server shows no certificate that can be read. After InitialiseCurl().
Result<ShownCertificate> LookAtCertificate(const std::string& base_url,
                                           std::chrono::milliseconds limit);

}  // namespace sspr
