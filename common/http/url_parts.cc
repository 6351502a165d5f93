// SPDX-License-Identifier: Apache-2.0
#include "common/http/url_parts.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace sspr {
namespace {

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::optional<UrlParts> SplitUrl(const std::string& text) {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; }) ||
      text.find_first_of("?#@\\") != std::string::npos) {
    return std::nullopt;
  }
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  UrlParts parts{Part(url.get(), CURLUPART_SCHEME), Part(url.get(), CURLUPART_HOST)};
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (parts.host.empty() || !Part(url.get(), CURLUPART_ZONEID).empty()) return std::nullopt;
  return parts;
}

}  // namespace sspr
