// SPDX-License-Identifier: Apache-2.0
// One request as the handler of a page sees it, and what goes back with the answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/flow_service.h"
#include "service/http/http_message.h"
#include "service/pages/language.h"

namespace sspr::service {

struct Visit {
  const HttpRequestView& request;
  const Language* language = nullptr;
  std::string path = {};           // below the part's prefix: "/methods"
  std::string rest = {};           // what the '*' of the route stands for
  std::string visitor = {};        // of the cookie that a browser gets before it proves anything
  std::string session_token = {};  // of the part's cookie; empty: none
  Caller caller = {};
  std::vector<std::string> cookies = {};  // Set-Cookie lines of the answer
};

// Value of a cookie in the Cookie header; nothing when it is there twice or not at all.
std::optional<std::string> CookieOf(const HttpRequestView& request, std::string_view name);

// Value of a parameter of the query, decoded; empty when it is not there or malformed. For what
// looks something up: a query changes nothing.
std::string QueryOf(const HttpRequestView& request, std::string_view name);

// "Set-Cookie" lines of a cookie that only this host gets, over TLS, and no script. seconds 0:
// until the browser ends.
std::string HostCookie(std::string_view name, std::string_view value, int seconds);
std::string ForgottenCookie(std::string_view name);

}  // namespace sspr::service
