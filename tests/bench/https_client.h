// SPDX-License-Identifier: Apache-2.0
// The least of an HTTPS client that can load a service: one connection, one request at a time,
// blocking. For the bench on a loopback address alone.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace sspr::bench {

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

// TLS 1.3 without resumption, trusting this file alone. Throws.
TlsContext MakeTlsContext(const std::string& ca_file);

class HttpsClient {
 public:
  // Connects to localhost with a full handshake. Throws.
  HttpsClient(SSL_CTX* context, int port);
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;
  ~HttpsClient();

  struct Reply {
    int status = 0;
    std::string body;
  };
  // Throws when the connection breaks.
  Reply Post(const std::string& path, const std::string& form);

 private:
  int socket_ = -1;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, SSL_free};
  std::string input_;
};

// The text of a member of a JSON object; empty when there is none.
std::string Member(const std::string& json, const std::string& name);

}  // namespace sspr::bench
