// SPDX-License-Identifier: Apache-2.0
#include "service/pages/visit.h"

#include <algorithm>

#include "service/api/form.h"
#include "service/pages/trimmed.h"

namespace sspr::service {

std::optional<std::string> CookieOf(const HttpRequestView& request, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& [header, value] : request.headers) {
    constexpr std::string_view kCookie = "cookie";
    const bool is_cookie = std::ranges::equal(header, kCookie, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    });
    if (!is_cookie) continue;
    std::string_view left = value;
    while (!left.empty()) {
      const std::size_t end = std::min(left.find(';'), left.size());
      const std::string_view pair = Trimmed(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) return std::nullopt;
      found = std::string(pair.substr(equals + 1));
    }
  }
  return found;
}

std::string QueryOf(const HttpRequestView& request, std::string_view name) {
  const Result<Form> query = Form::Parse(request.query);
  return query.ok() ? std::string(query->Find(name)) : std::string();
}

std::string HostCookie(std::string_view name, std::string_view value, int seconds) {
  std::string line = "__Host-" + std::string(name) + "=" + std::string(value) +
                     "; Path=/; Secure; HttpOnly; SameSite=Strict";
  if (seconds != 0) line += "; Max-Age=" + std::to_string(seconds);
  return line;
}

std::string ForgottenCookie(std::string_view name) {
  return "__Host-" + std::string(name) + "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
}

}  // namespace sspr::service
