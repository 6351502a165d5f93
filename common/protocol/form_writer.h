// SPDX-License-Identifier: Apache-2.0
// A form body (application/x-www-form-urlencoded), written straight into wiped memory; everything
// but the unreserved characters is encoded.
#pragma once

#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace sspr {

class FormWriter {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (!body_.empty()) Put("&");
    Put(name);
    Put("=");
    for (const char c : value) PutEncoded(c);
  }

  // kInternal when the body would pass the capacity of SecretBody.
  Result<SecretBody> Take() {
    if (too_long_) return Error{Errc::kInternal, "the request is too long"};
    return std::move(body_);
  }

 private:
  void Put(std::string_view text) {
    if (!body_.Append(text)) too_long_ = true;
  }

  void PutEncoded(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const char encoded[] = {'%', kDigits[byte >> 4], kDigits[byte & 0x0F]};
    Put(plain ? std::string_view(&c, 1) : std::string_view(encoded, sizeof encoded));
  }

  SecretBody body_;
  bool too_long_ = false;
};

}  // namespace sspr
