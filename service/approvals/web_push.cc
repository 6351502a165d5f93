// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/web_push.h"

#include <json/value.h>
#include <json/writer.h>

#include <array>
#include <memory>

#include "common/protocol/base64url.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::array<char, 4> kRecordSize = {0, 0, 16, 0};  // 4096
constexpr UnixSeconds kTokenSeconds = 12 * 3600;            // RFC 8292 allows a day

std::string Labelled(std::string_view label) {
  std::string info(label);
  info += '\0';
  return info;
}

// The first bytes of HKDF-Expand: one block is enough for all that is needed here.
std::string Expand(std::string_view key, std::string info, std::size_t size) {
  info += '\x01';
  return HmacSha256(key, info).substr(0, size);
}

std::span<const unsigned char> Span(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

Result<std::string> Seal(std::string_view key, std::string_view nonce, std::string_view plain) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                           &EVP_CIPHER_CTX_free);
  std::string sealed(plain.size() + kTagBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
  int size = 0;
  int rest = 0;
  if (context == nullptr ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, Span(key).data(),
                         Span(nonce).data()) != 1 ||
      EVP_EncryptUpdate(context.get(), out, &size, Span(plain).data(),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), out + size, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes),
                          out + plain.size()) != 1) {
    return Error{Errc::kInternal, "nothing can be encrypted"};
  }
  return sealed;
}

std::string Compact(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, value);
}

}  // namespace

Result<std::string> EncryptPush(const PushKeys& keys, const P256Key& sender, std::string_view salt,
                                std::string_view payload) {
  if (keys.auth.size() != kPushAuthBytes || salt.size() != kPushSaltBytes ||
      payload.size() > kMostPushPayload) {
    return Error{Errc::kDenied, "the subscription's secret or the payload is of a wrong size"};
  }
  const Result<std::string> shared = sender.Agree(keys.point);
  if (!shared.ok()) return shared.error();
  const std::string key_material = Expand(
      HmacSha256(keys.auth, *shared), Labelled("WebPush: info") + keys.point + sender.point(), 32);
  const std::string secret = HmacSha256(salt, key_material);
  const std::string key = Expand(secret, Labelled("Content-Encoding: aes128gcm"), kKeyBytes);
  const std::string nonce = Expand(secret, Labelled("Content-Encoding: nonce"), kNonceBytes);
  const Result<std::string> sealed = Seal(key, nonce, std::string(payload) + '\x02');
  if (!sealed.ok()) return sealed.error();
  std::string body(salt);
  body.append(kRecordSize.data(), kRecordSize.size());
  body += static_cast<char>(kP256PointBytes);
  return body + sender.point() + *sealed;
}

std::string OriginOf(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return {};
  const std::size_t end = url.find_first_of("/?#", kScheme.size());
  const std::string_view authority = url.substr(kScheme.size(), end - kScheme.size());
  if (authority.empty() || authority.find('@') != std::string_view::npos) return {};
  return std::string(kScheme).append(authority);
}

Result<std::string> VapidHeader(const P256Key& key, std::string_view endpoint,
                                std::string_view contact, UnixSeconds now) {
  Json::Value header(Json::objectValue);
  header["typ"] = "JWT";
  header["alg"] = "ES256";
  Json::Value claims(Json::objectValue);
  claims["aud"] = OriginOf(endpoint);
  claims["exp"] = Json::Int64{now + kTokenSeconds};
  claims["sub"] = std::string(contact);
  const std::string text =
      Base64Url(Span(Compact(header))) + "." + Base64Url(Span(Compact(claims)));
  const Result<std::string> signature = key.Sign(text);
  if (!signature.ok()) return signature.error();
  return "vapid t=" + text + "." + Base64Url(Span(*signature)) +
         ", k=" + Base64Url(Span(key.point()));
}

}  // namespace sspr::service
