// SPDX-License-Identifier: Apache-2.0
// Whom a connection made by libcurl trusts: TLS 1.2 or better, certificate and name always checked,
// no name in the certificate's CN, no keys or digests below 112 bits, and either the authorities of
// one file or the system's.
#pragma once

#include <curl/curl.h>

#include <string>

namespace sspr {

class TlsRules {
 public:
  // host: a name or a numeric address, without brackets. ca_file: PEM; empty: the system's store.
  TlsRules(std::string host, std::string ca_file);
  TlsRules(const TlsRules&) = delete;
  TlsRules& operator=(const TlsRules&) = delete;

  // The rules must outlive easy. Does not read the files yet.
  CURLcode ApplyTo(CURL* easy);

 private:
  static CURLcode OnContext(CURL*, void* context, void* rules);

  const std::string host_;
  const std::string ca_file_;
};

}  // namespace sspr
