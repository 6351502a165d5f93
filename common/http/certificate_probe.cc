// SPDX-License-Identifier: Apache-2.0
#include "common/http/certificate_probe.h"

#include <curl/curl.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string_view>

namespace sspr {
namespace {

struct FreeCurl {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeProbeBio {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using ProbeBio = std::unique_ptr<BIO, FreeProbeBio>;

std::string TextIn(const ProbeBio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string NameOf(X509_NAME* name) {
  const ProbeBio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE) < 0) return "";
  return TextIn(bio);
}

std::string AlternativeNames(X509* certificate) {
  const ProbeBio bio(BIO_new(BIO_s_mem()));
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (bio == nullptr || at < 0 ||
      X509V3_EXT_print(bio.get(), X509_get_ext(certificate, at), 0, 0) != 1) {
    return "";
  }
  return TextIn(bio);
}

std::int64_t SecondsOfTime(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

// The certificate of the server itself, as PEM, of what libcurl kept of the handshake.
std::string_view FirstPem(CURL* easy) {
  curl_certinfo* info = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == nullptr ||
      info->num_of_certs < 1) {
    return {};
  }
  constexpr std::string_view kMark = "Cert:";
  for (const curl_slist* line = info->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text = line->data;
    if (text.starts_with(kMark)) return text.substr(kMark.size());
  }
  return {};
}

}  // namespace

Result<ShownCertificate> LookAtCertificate(const std::string& base_url,
                                           std::chrono::milliseconds limit) {
  const std::unique_ptr<CURL, FreeCurl> easy(curl_easy_init());
  if (easy == nullptr) return {Errc::kInternal, "no memory"};
  curl_easy_setopt(easy.get(), CURLOPT_URL, base_url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  // It is to be looked at, whatever it is; this connection ends behind the handshake.
  curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
    return {Errc::kUnreachable, curl_easy_strerror(code)};
  }
  const std::string_view pem = FirstPem(easy.get());
  const ProbeBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, FreeX509> certificate(
      bio != nullptr ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (certificate == nullptr) return {Errc::kProtocol, "the server shows no certificate"};
  return ShownCertificate{.subject = NameOf(X509_get_subject_name(certificate.get())),
                          .issuer = NameOf(X509_get_issuer_name(certificate.get())),
                          .names = AlternativeNames(certificate.get()),
                          .from = SecondsOfTime(X509_get0_notBefore(certificate.get())),
                          .until = SecondsOfTime(X509_get0_notAfter(certificate.get()))};
}

}  // namespace sspr
