// SPDX-License-Identifier: Apache-2.0
#include "service/daemon/site.h"

namespace sspr::service {

void Site::Add(std::string prefix, HttpHandler handler) {
  parts_.emplace_back(std::move(prefix), std::move(handler));
}

HttpReply Site::Handle(const HttpRequestView& request) const {
  const HttpHandler* handler = &otherwise_;
  std::size_t longest = 0;
  for (const auto& [prefix, part] : parts_) {
    const bool is_below =
        request.path.starts_with(prefix) &&
        (request.path.size() == prefix.size() || request.path[prefix.size()] == '/');
    if (!is_below || prefix.size() < longest) continue;
    handler = &part;
    longest = prefix.size();
  }
  return (*handler)(request);
}

}  // namespace sspr::service
