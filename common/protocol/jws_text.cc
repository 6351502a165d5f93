// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/jws_text.h"

#include <optional>
#include <span>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"

namespace sspr {
namespace {

// Of any length, exactly as it is written by Base64Url.
std::optional<std::string> Decoded(std::string_view text) {
  std::string bytes(text.size() * 3 / 4, '\0');
  const std::span<unsigned char> out{reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()};
  if (text.empty() || !FromBase64Url(text, out)) return std::nullopt;
  return bytes;
}

}  // namespace

Result<JwsText> ReadJws(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (text.size() > kMaxJwsBytes || second == text.npos) {
    return Error{Errc::kProtocol, "not a compact JWS"};
  }
  const auto header = Decoded(text.substr(0, first));
  const auto claims = Decoded(text.substr(first + 1, second - first - 1));
  auto signature = Decoded(text.substr(second + 1));
  if (!header || !claims || !signature) return Error{Errc::kProtocol, "not a compact JWS"};
  Result<Json::Value> head = ParseStrictJson(*header);
  Result<Json::Value> body = ParseStrictJson(*claims);
  if (!head.ok() || !body.ok()) return Error{Errc::kProtocol, "not of two JSON objects"};
  return JwsText{text.substr(0, second), std::move(head).value(), std::move(body).value(),
                 std::move(*signature)};
}

}  // namespace sspr
