// SPDX-License-Identifier: Apache-2.0
// Which part of the service answers a request: by the beginning of its path, whole segments only
// and bytewise. Everything that no part claims goes to the API, whose router denies by default.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "service/http/http_message.h"

namespace sspr::service {

class Site {
 public:
  explicit Site(HttpHandler otherwise) : otherwise_(std::move(otherwise)) {}

  // Before the first request. prefix: "/tenant/portal", for itself and all below it.
  void Add(std::string prefix, HttpHandler handler);
  HttpReply Handle(const HttpRequestView& request) const;

 private:
  HttpHandler otherwise_;
  std::vector<std::pair<std::string, HttpHandler>> parts_;
};

}  // namespace sspr::service
