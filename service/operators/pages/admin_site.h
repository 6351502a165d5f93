// SPDX-License-Identifier: Apache-2.0
// The admin pages: for operators, at public_url + "/admin".
#pragma once

#include <memory>
#include <string>

#include "service/metrics/figures.h"
#include "service/operators/campaign_view.h"
#include "service/operators/pages/admin_host.h"

namespace sspr::service {

FileSet AdminPageFiles();

class AdminSite {
 public:
  // foundation outlives it. kInternal: a page that does not fit together.
  static Result<std::unique_ptr<AdminSite>> Make(Foundation& foundation,
                                                 const std::string& public_url, Branding branding,
                                                 Api::Log log);

  const PageHost& host() const { return host_; }

 private:
  AdminSite(Foundation& foundation, const std::string& public_url, PageSet pages, Api::Log log);

  const PageSet pages_;
  PageHost host_;
  AdminHost admin_;
  CampaignView campaign_;
  Figures figures_;
};

// Each adds the routes of one subject.
void AddOverviewPages(AdminHost& admin, Figures& figures);
void AddAuditPages(AdminHost& admin);
void AddSignInPages(AdminHost& admin);
void AddUserPages(AdminHost& admin);
void AddRequestPages(AdminHost& admin);
void AddPolicyPages(AdminHost& admin);
void AddCampaignPages(AdminHost& admin, CampaignView& campaign);
void AddListPages(AdminHost& admin);  // banned words and clients
void AddOperatorPages(AdminHost& admin);
void AddDevicePages(AdminHost& admin);

}  // namespace sspr::service
