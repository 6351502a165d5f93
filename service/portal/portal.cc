// SPDX-License-Identifier: Apache-2.0
#include "service/portal/portal.h"

namespace sspr::service {
namespace {

PageHostSettings HostSettings(const std::string& public_url) {
  return {.public_url = public_url,
          .folder = "/portal",
          .session_cookie = kPortalCookie,
          .client_id = kPortalClient};
}

}  // namespace

Result<std::unique_ptr<Portal>> Portal::Make(Foundation& foundation, FlowService& flows,
                                             const std::string& public_url, Branding branding,
                                             Api::Log log) {
  try {
    auto pages = PageSet::Make({PortalPageFiles()}, std::move(branding));
    if (!pages.ok()) return pages.error();
    if (!foundation.store->FindClient(kPortalClient)) {
      foundation.store->PutClient({.client_id = kPortalClient, .concealment = true});
    }
    return std::unique_ptr<Portal>(
        new Portal(foundation, flows, public_url, std::move(*pages), std::move(log)));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, std::string("the portal: ") + error.what()};
  }
}

Portal::Portal(Foundation& foundation, FlowService& flows, const std::string& public_url,
               PageSet pages, Api::Log log)
    : flows_(flows),
      pages_(std::move(pages)),
      table_(foundation.database),
      sessions_(MakePortalSessions(table_, foundation.keys, foundation.random, foundation.clock(),
                                   *foundation.directory)),
      host_(HostSettings(public_url), pages_, foundation.keys, foundation.random,
            foundation.clock(), std::move(log)) {
  host_.OnGet("", [this](Visit& visit) { return host_.Page(visit, "sign_in", MakeObject()); });
}

}  // namespace sspr::service
