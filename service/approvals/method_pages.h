// SPDX-License-Identifier: Apache-2.0
// Pages of the portal on which a person adds a phone that approves, or a passkey. They stand below
// the portal's own addresses (/portal/add/…) and in its session.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "service/approvals/approval_desk.h"
#include "service/approvals/passkey_desk.h"
#include "service/engine/foundation.h"
#include "service/pages/page_host.h"
#include "service/pages/sessions.h"

namespace sspr::service {

class MethodPages {
 public:
  // desk and foundation outlive it. kInternal: pages that do not fit together.
  static Result<std::unique_ptr<MethodPages>> Make(Foundation& foundation, ApprovalDesk& desk,
                                                   const std::string& public_url, Branding branding,
                                                   Api::Log log);
  const PageHost& phone() const { return phone_; }
  const PageHost& passkey() const { return passkey_; }

 private:
  MethodPages(Foundation& foundation, ApprovalDesk& desk, std::string public_url, PageSet pages,
              Api::Log log);

  HttpReply ShowPhone(Visit& visit);
  HttpReply OfferPhone(Visit& visit);
  HttpReply ShowPasskey(Visit& visit, const char* error_key = nullptr);
  HttpReply TakePasskey(Visit& visit, const Form& form);

  // Of a person who proved who they are a short time ago; else the portal asks for that.
  std::optional<PageSession> Fresh(const Visit& visit);
  HttpReply ToPortal(std::string_view path) const;

  const std::string public_url_;
  const std::string portal_;  // path of the portal
  const Clock& clock_;
  Directory& directory_;
  ApprovalDesk& desk_;
  PasskeyDesk passkeys_;
  const PageSet pages_;
  SessionTable table_;
  Sessions sessions_;
  PageHost phone_;
  PageHost passkey_;
};

}  // namespace sspr::service
