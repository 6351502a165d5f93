// SPDX-License-Identifier: Apache-2.0
// The pages on which a person goes on with a reset that was begun at a login screen, at
// PUBLIC_URL/portal/go: the code, the question whether that is them, and the gates. The new
// password is not set here.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "service/engine/foundation.h"
#include "service/engine/gates.h"
#include "service/engine/hand_offs.h"
#include "service/flow_service.h"
#include "service/pages/page_host.h"
#include "service/pages/sessions.h"
#include "service/store/device_table.h"

namespace sspr::service {

FileSet HandOffPageFiles();

class HandOffPages {
 public:
  // foundation and flows outlive it. kInternal: pages that do not fit together.
  static Result<std::unique_ptr<HandOffPages>> Make(Foundation& foundation, FlowService& flows,
                                                    const std::string& public_url,
                                                    Branding branding, Api::Log log);
  const PageHost& host() const { return host_; }

 private:
  HandOffPages(Foundation& foundation, FlowService& flows, const std::string& public_url,
               PageSet pages, Api::Log log);

  HttpReply ShowCode(Visit& visit, const char* error_key = nullptr);
  HttpReply TakeCode(Visit& visit, const Form& form);
  HttpReply ShowConfirm(Visit& visit);
  HttpReply TakeConfirm(Visit& visit, const Form& form);
  HttpReply ShowMethods(Visit& visit);
  HttpReply TakeMethod(Visit& visit, const Form& form);
  HttpReply ShowProof(Visit& visit, const char* error_key = nullptr);
  HttpReply TakeProof(Visit& visit, const Form& form);

  // The session of a person who has said that it is them; nothing else reaches the gates.
  std::optional<PageSession> Confirmed(Visit& visit);
  Caller CallerOf(const Visit& visit, const PageSession& session) const;
  std::string TokenOf(const PageSession& session) const;
  Reply<ContinueReply> Prove(const Visit& visit, const PageSession& session, const Form& form);
  HttpReply Over(Visit& visit);

  EngineParts parts_;
  Gates gates_;
  HandOffs hand_offs_;
  FlowService& flows_;
  const std::string passkey_host_;
  const PageSet pages_;
  DeviceTable devices_;
  SessionTable table_;
  Sessions sessions_;
  PageHost host_;
};

}  // namespace sspr::service
