// SPDX-License-Identifier: Apache-2.0
// The portal: one place where people sign in, look after the methods that they prove themselves
// with, and set a new password in the browser.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "service/engine/foundation.h"
#include "service/flow_service.h"
#include "service/pages/page_host.h"
#include "service/portal/account_pages.h"
#include "service/portal/portal_session.h"
#include "service/portal/proof_pages.h"

namespace sspr::service {

FileSet PortalPageFiles();

class Portal {
 public:
  // foundation and flows outlive it. Registers the client that the portal is. kInternal: a page
  // that does not fit together, or the database.
  static Result<std::unique_ptr<Portal>> Make(Foundation& foundation, FlowService& flows,
                                              const std::string& public_url, Branding branding,
                                              Api::Log log);

  const PageHost& host() const { return host_; }

 private:
  Portal(Foundation& foundation, FlowService& flows, const std::string& public_url, PageSet pages,
         Api::Log log);

  const PageSet pages_;
  SessionTable table_;
  Sessions people_;
  Sessions guests_;
  AccountService accounts_;
  PageHost host_;
  ProofPages proof_pages_;
  AccountPages account_pages_;
};

}  // namespace sspr::service
