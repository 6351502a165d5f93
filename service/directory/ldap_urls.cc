// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_urls.h"

#include <optional>
#include <sstream>

#include "common/http/url_parts.h"
#include "service/delivery/notifier_settings.h"

namespace sspr::service {

std::vector<std::string> LdapUrlsOf(const std::string& text) {
  std::istringstream words(text);
  std::vector<std::string> urls;
  for (std::string url; words >> url;) urls.push_back(url);
  return urls;
}

Result<std::vector<std::string>> UsableLdapUrls(const LdapSettings& settings) {
  std::vector<std::string> urls = LdapUrlsOf(settings.url);
  for (const std::string& text : urls) {
    const std::optional<UrlParts> url = SplitUrl(text);
    if (!url || (url->scheme != "ldap" && url->scheme != "ldaps")) {
      return Error{Errc::kInternal, "the directory's URL is not of the form ldap[s]://host[:port]"};
    }
    if (url->scheme == "ldap" && !settings.start_tls && !IsThisMachine(url->host)) {
      return Error{Errc::kInternal, "a directory on another machine needs ldaps:// or STARTTLS"};
    }
  }
  if (urls.empty()) return Error{Errc::kInternal, "the directory's URL is empty"};
  return urls;
}

}  // namespace sspr::service
