// SPDX-License-Identifier: Apache-2.0
// The approval page of phones, an installable web app at PUBLIC_URL/portal/approve: its files, and
// the requests of its script. These carry no cookie: each is signed by the phone's own key, so that
// no other page can make one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "service/api/api.h"
#include "service/approvals/approval_desk.h"
#include "service/approvals/event_hub.h"
#include "service/approvals/push_notifier.h"
#include "service/http/http_message.h"
#include "service/pages/embedded_file.h"

namespace sspr::service {

FileSet ApprovePageFiles();

struct ApprovePageSettings {
  std::string public_url;
  std::string product;     // the name of the app on the phone
  std::string vapid_key;   // base64url of the point; empty: phones are not woken
  PushSettings push = {};  // which addresses a phone may be woken at
};

class ApprovePages {
 public:
  // desk, hub and clock outlive it. log is called on worker threads.
  ApprovePages(ApprovePageSettings settings, ApprovalDesk& desk, EventHub& hub, const Clock& clock,
               Api::Log log);

  // Path of everything here.
  const std::string& prefix() const { return prefix_; }
  // Safe from several threads at once; never throws.
  HttpReply Handle(const HttpRequestView& request) const noexcept;

 private:
  HttpReply Dispatch(const HttpRequestView& request, std::string_view path) const;
  HttpReply File(std::string_view path) const;
  HttpReply Manifest() const;
  HttpReply Post(const HttpRequestView& request, std::string_view path) const;

  const ApprovePageSettings settings_;
  const std::string base_;  // path of the public URL
  const std::string prefix_;
  ApprovalDesk& desk_;
  EventHub& hub_;
  const Clock& clock_;
  const Api::Log log_;
};

}  // namespace sspr::service
