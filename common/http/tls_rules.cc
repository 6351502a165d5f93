// SPDX-License-Identifier: Apache-2.0
#include "common/http/tls_rules.h"

#include <dirent.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string_view>
#include <utility>

namespace sspr {
namespace {

// OpenSSL's name for keys and digests of at least 112 bits.
constexpr int kSecurityLevel = 2;

// Whether OpenSSL can look up a single issuer there (files named by hash): 1 ms, where the bundle
// with all of them costs 45 ms and more than a megabyte.
bool IsHashedDirectory(const char* path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path), ::closedir);
  if (directory == nullptr) return false;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    if (name.size() == 10 && name.ends_with(".0") &&
        name.find_first_not_of("0123456789abcdef") == 8) {
      return true;
    }
  }
  return false;
}

}  // namespace

TlsRules::TlsRules(std::string host, std::string ca_file)
    : host_(std::move(host)), ca_file_(std::move(ca_file)) {}

CURLcode TlsRules::ApplyTo(CURL* easy) {
  CURLcode worst = CURLE_OK;
  const auto set = [&worst, easy](CURLoption option, auto value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (worst == CURLE_OK) worst = code;
  };
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_CTX_FUNCTION, &TlsRules::OnContext);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  const char* const nothing = nullptr;
  if (!ca_file_.empty()) {
    set(CURLOPT_CAINFO, ca_file_.c_str());
    set(CURLOPT_CAPATH, nothing);
    return worst;
  }
  const char* const directory = curl_version_info(CURLVERSION_NOW)->capath;
  if (directory != nullptr && IsHashedDirectory(directory)) {
    set(CURLOPT_CAPATH, directory);
    set(CURLOPT_CAINFO, nothing);
  }
  return worst;
}

// libcurl falls back to the CN of a certificate without names and leaves the strength of keys to
// the machine's configuration; OpenSSL's own check does neither.
CURLcode TlsRules::OnContext(CURL*, void* context, void* rules) {
  const auto& self = *static_cast<TlsRules*>(rules);
  auto* const tls = static_cast<SSL_CTX*>(context);
  X509_VERIFY_PARAM* const checks = SSL_CTX_get0_param(tls);
  X509_VERIFY_PARAM_set_hostflags(
      checks, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(checks, self.host_.c_str()) == 1;
  if (!is_address && X509_VERIFY_PARAM_set1_host(checks, self.host_.c_str(), 0) != 1) {
    return CURLE_OUT_OF_MEMORY;
  }
  if (SSL_CTX_get_security_level(tls) < kSecurityLevel) {
    SSL_CTX_set_security_level(tls, kSecurityLevel);
  }
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return CURLE_OK;
}

}  // namespace sspr
