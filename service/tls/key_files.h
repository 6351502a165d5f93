// SPDX-License-Identifier: Apache-2.0
// Makes P-256 keys and, for a service that starts from nothing, certificates by an authority of its
// own. All files are PEM; keys have mode 0600; nothing that exists is overwritten.
#pragma once

#include <string>

#include "common/base/result.h"

namespace sspr::service {

// A new private key (PKCS#8). kDenied when the file exists, kInternal when it cannot be written.
Status CreateP256Key(const std::string& key_file);

struct CertificateFiles {
  std::string authority;    // the authority's certificate, for clients to trust
  std::string certificate;  // the server's
  std::string key;          // the server's
};

// A server certificate for localhost, 127.0.0.1 and ::1, good for 398 days, signed by an authority
// whose key is forgotten at once, so that it can never sign another. Errors as above.
Status CreateLoopbackCertificate(const CertificateFiles& files);

}  // namespace sspr::service
