// SPDX-License-Identifier: Apache-2.0
// A compact JWS (RFC 7515) taken apart, strictly. Says nothing about whether its signature is
// right.
#pragma once

#include <json/value.h>

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr {

inline constexpr std::size_t kMaxJwsBytes = 4096;

struct JwsText {
  std::string_view signed_text;  // of the text that was read
  Json::Value header;
  Json::Value claims;
  std::string signature;
};

// kProtocol. The text outlives the result.
Result<JwsText> ReadJws(std::string_view text);

}  // namespace sspr
