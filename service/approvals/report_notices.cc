// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/report_notices.h"

#include <chrono>

#include "service/delivery/report_mails.h"
#include "service/policy/group_names.h"

namespace sspr::service {
namespace {

constexpr std::chrono::hours kNoticeLife{24};

void Send(EngineParts& parts, const std::string& flow_id, Result<Message> message) {
  if (message.ok() && parts.deliver({.message = std::move(*message),
                                     .deadline = parts.clock.Monotonic() + kNoticeLife,
                                     .reference = flow_id})) {
    return;
  }
  parts.log("a notice of a reported reset was not sent");
}

}  // namespace

void TellOfReport(EngineParts& parts, const DirectoryUser& user, const Policy& policy,
                  const std::string& place, const std::string& flow_id) {
  const UnixSeconds now = parts.clock.Now();
  const bool both = !policy.help_desk_text.empty() && !policy.help_desk_url.empty();
  const std::string help_desk = policy.help_desk_text + (both ? " " : "") + policy.help_desk_url;
  for (const MethodRecord& method : parts.store.ListMethods(user.id)) {
    if (method.kind != MethodKind::kEmailCode) continue;
    Send(parts, flow_id,
         ResetReportedMail({.address = method.address,
                            .display_name = user.display_name,
                            .language = MailLanguageOf(user.language)},
                           now, policy.report_hours, help_desk));
  }
  const auto groups = ReadGroupList(policy.administrator_groups);
  if (!groups) return;
  for (const UserRecord& other : parts.store.ListMembers(*groups)) {
    if (other.id == user.id || !other.enabled) continue;
    for (const MethodRecord& method : parts.store.ListMethods(other.id)) {
      if (method.kind != MethodKind::kEmailCode) continue;
      Send(parts, flow_id,
           ResetReportedAlarm({.address = method.address,
                               .display_name = other.display_name,
                               .language = MailLanguageOf(other.language)},
                              now, policy.report_hours, user.username, place));
      break;  // one mail each
    }
  }
}

}  // namespace sspr::service
