// SPDX-License-Identifier: Apache-2.0
#include "service/methods/authenticator.h"

#include <oath.h>
#include <openssl/crypto.h>

#include <array>
#include <stdexcept>

namespace sspr::service {
namespace {

constexpr int kStepSeconds = 30;
constexpr std::size_t kMostDigits = 8;
constexpr char kBase32Alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string PercentEncoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4]);
    encoded.push_back(kDigits[byte & 15]);
  }
  return encoded;
}

}  // namespace

std::optional<std::int64_t> MatchingStep(const Secret& secret, TotpForm form, std::string_view code,
                                         UnixSeconds now) {
  const int flags = form.algorithm == TotpAlgorithm::kSha256 ? OATH_TOTP_HMAC_SHA256 : 0;
  const auto digits = static_cast<std::size_t>(form.digits);
  std::optional<std::int64_t> match;
  const std::int64_t current = now / kStepSeconds;
  for (const std::int64_t step : {current - 1, current, current + 1}) {
    if (step < 0) continue;
    std::array<char, kMostDigits + 1> expected{};
    const int made = oath_totp_generate2(secret.Reveal().data(), secret.size(),
                                         static_cast<time_t>(step * kStepSeconds), kStepSeconds, 0,
                                         static_cast<unsigned>(digits), flags, expected.data());
    if (made != OATH_OK) throw std::runtime_error("liboath failed");
    if (code.size() == digits && CRYPTO_memcmp(code.data(), expected.data(), digits) == 0) {
      match = step;
    }
    Wipe(expected.data(), expected.size());
  }
  return match;
}

SecretBuffer<128> Base32Of(const Secret& secret) {
  SecretBuffer<128> text;
  std::uint32_t bits = 0;
  int held = 0;
  const auto put = [&text](std::uint32_t value) {
    if (!text.Append({&kBase32Alphabet[value & 31], 1})) {
      throw std::length_error("an authenticator secret that long does not fit");
    }
  };
  for (const char c : secret.Reveal()) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 5; held -= 5) put(bits >> (held - 5));
  }
  if (held > 0) put(bits << (5 - held));
  return text;
}

SecretBuffer<512> OtpauthUri(const Secret& secret, TotpForm form, std::string_view issuer,
                             std::string_view username) {
  const SecretBuffer<128> base32 = Base32Of(secret);
  const std::string who = PercentEncoded(issuer);
  SecretBuffer<512> uri;
  if (!uri.Append("otpauth://totp/") || !uri.Append(who) || !uri.Append(":") ||
      !uri.Append(PercentEncoded(username)) || !uri.Append("?secret=") ||
      !uri.Append(base32.Reveal()) || !uri.Append("&issuer=") || !uri.Append(who) ||
      !uri.Append(form.algorithm == TotpAlgorithm::kSha256 ? "&algorithm=SHA256"
                                                           : "&algorithm=SHA1") ||
      !uri.Append("&digits=" + std::to_string(form.digits) + "&period=30")) {
    throw std::length_error("the issuer is too long for an otpauth URI");
  }
  return uri;
}

}  // namespace sspr::service
