// SPDX-License-Identifier: Apache-2.0
#include "service/portal/portal.h"

#include "service/portal/help_desk.h"

namespace sspr::service {
namespace {

PageHostSettings HostSettings(const std::string& public_url) {
  return {.public_url = public_url,
          .folder = "/portal",
          .session_cookie = kPortalCookie,
          .client_id = kPortalClient};
}

// The flow behind it has times of its own, by policy; these are the longest that a policy allows.
SessionRules GuestRules() {
  constexpr int kLongestFlowSeconds = 1800;
  return {.purpose = "portal-flow",
          .absolute_seconds = kLongestFlowSeconds,
          .idle_seconds = kLongestFlowSeconds};
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
    : pages_(std::move(pages)),
      table_(foundation.database),
      people_(MakePortalSessions(table_, foundation.keys, foundation.random, foundation.clock(),
                                 *foundation.directory)),
      guests_(table_, foundation.keys, foundation.random, foundation.clock(), GuestRules()),
      accounts_(foundation.Parts(), foundation.settings.issuer),
      host_(HostSettings(public_url), pages_, foundation.keys, foundation.random,
            foundation.clock(), std::move(log)),
      proof_pages_({host_, flows, accounts_, people_, guests_, foundation.clock()}),
      account_pages_({host_, flows, accounts_, people_, guests_, foundation.clock()}) {
  host_.SetMenu("menu");
  host_.SetHelpDesk(HelpDeskOf(*foundation.store));
  proof_pages_.AddRoutes();
  account_pages_.AddRoutes();
}

}  // namespace sspr::service
