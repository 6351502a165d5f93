// SPDX-License-Identifier: Apache-2.0
// The server's side of TLS: 1.2 or better, forward-secret AEAD suites alone, ALPN http/1.1, session
// tickets with keys of this process, no renegotiation, no compression.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "common/base/result.h"

namespace sspr::service {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

// certificate_file: the server's certificate, then its intermediates, PEM. key_file: its key, PEM,
// without passphrase. kPolicy with the file and OpenSSL's reason when they cannot be used.
Result<TlsContext> MakeServerContext(const std::string& certificate_file,
                                     const std::string& key_file);

}  // namespace sspr::service
