// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_library.h"

#include <curl/curl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/base/wipe.h"

namespace sspr {
namespace {

// libcurl, OpenSSL and glibc's resolver read these.
constexpr const char* kForeignVariables[] = {"http_proxy",      "https_proxy",
                                             "HTTPS_PROXY",     "all_proxy",
                                             "ALL_PROXY",       "no_proxy",
                                             "NO_PROXY",        "SSL_CERT_FILE",
                                             "SSL_CERT_DIR",    "CURL_CA_BUNDLE",
                                             "SSLKEYLOGFILE",   "CURL_SSL_BACKEND",
                                             "OPENSSL_CONF",    "OPENSSL_MODULES",
                                             "OPENSSL_ENGINES", "CTLOG_FILE",
                                             "CURL_HOME",       "NETRC",
                                             "RES_OPTIONS",     "LOCALDOMAIN",
                                             "HOSTALIASES",     "OPENSSL_CONF_INCLUDE"};

void WipingFree(void* memory) {
  if (memory == nullptr) return;
  Wipe(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* WipingRealloc(void* memory, std::size_t size) {
  if (memory == nullptr) return std::malloc(size);
  const std::size_t held = malloc_usable_size(memory);
  if (size != 0 && size <= held) return memory;
  void* larger = std::malloc(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, memory, held);
  WipingFree(memory);
  return larger;
}

char* CopyString(const char* text) { return ::strdup(text); }

Status InitialiseOnce() {
  for (const char* name : kForeignVariables) ::unsetenv(name);
  const CURLcode code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, WipingFree,
                                             WipingRealloc, CopyString, std::calloc);
  if (code != CURLE_OK) return Error{Errc::kInternal, curl_easy_strerror(code)};
  return Ok();
}

}  // namespace

Status InitialiseCurl() {
  static const Status status = InitialiseOnce();
  return status;
}

std::string NewGuid() {
  std::array<std::uint8_t, 16> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) return {};
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);  // RFC 9562: version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string guid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) guid += '-';
    guid += kDigits[bytes[i] >> 4];
    guid += kDigits[bytes[i] & 0x0F];
  }
  return guid;
}

}  // namespace sspr
