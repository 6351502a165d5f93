// SPDX-License-Identifier: Apache-2.0
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

constexpr char kAdminCookie[] = "sspr-admin";

PageHostSettings HostSettings(const std::string& public_url) {
  return {.public_url = public_url,
          .folder = "/admin",
          .session_cookie = kAdminCookie,
          .client_id = "sspr-admin"};
}

}  // namespace

Result<std::unique_ptr<AdminSite>> AdminSite::Make(Foundation& foundation,
                                                   const std::string& public_url, Branding branding,
                                                   Api::Log log) {
  auto pages = PageSet::Make({AdminPageFiles()}, std::move(branding));
  if (!pages.ok()) return pages.error();
  return std::unique_ptr<AdminSite>(
      new AdminSite(foundation, public_url, std::move(*pages), std::move(log)));
}

AdminSite::AdminSite(Foundation& foundation, const std::string& public_url, PageSet pages,
                     Api::Log log)
    : pages_(std::move(pages)),
      host_(HostSettings(public_url), pages_, foundation.keys, foundation.random,
            foundation.clock(), std::move(log)),
      admin_(foundation, host_, pages_),
      campaign_(foundation),
      figures_(*foundation.database, foundation.clock()) {
  host_.SetMenu("menu");
  AddOverviewPages(admin_, figures_);
  AddAuditPages(admin_);
  AddSignInPages(admin_);
  AddUserPages(admin_);
  AddRequestPages(admin_);
  AddPolicyPages(admin_);
  AddCampaignPages(admin_, campaign_);
  AddListPages(admin_);
  AddOperatorPages(admin_);
  AddDevicePages(admin_);
}

}  // namespace sspr::service
