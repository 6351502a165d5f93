// SPDX-License-Identifier: Apache-2.0
// Builds the SSL_CTX of the service.
#include "service/tls/server_context.h"

#include <openssl/err.h>

#include <array>
#include <cstring>

namespace sspr::service {
namespace {

Error Refuse(const std::string& what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return {Errc::kPolicy, what + ": " + reason.data()};
}

// Only http/1.1; a client that offers other protocols alone is turned away (RFC 7301, 3.2).
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_length,
                   const unsigned char* offered, unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kHttp11, sizeof kHttp11, offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<TlsContext> MakeServerContext(const std::string& certificate_file,
                                     const std::string& key_file) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return Refuse("TLS");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  static constexpr unsigned char kSessionContext[] = "sspr";
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
      SSL_CTX_set_session_id_context(context.get(), kSessionContext, 4) != 1) {
    return Refuse("TLS settings");
  }
  SSL_CTX_set_alpn_select_cb(context.get(), SelectProtocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return Refuse(certificate_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Refuse(key_file);
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return Refuse(key_file + " is not the key of " + certificate_file);
  }
  return context;
}

}  // namespace sspr::service
