// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/method_pages.h"

#include "service/approvals/form_bytes.h"
#include "service/approvals/hand_off_pages.h"
#include "service/portal/help_desk.h"
#include "service/portal/portal_session.h"
#include "service/portal/qr_picture.h"

namespace sspr::service {
namespace {

constexpr int kMinuteSeconds = 60;

PageHostSettings HostOf(const std::string& public_url, const char* folder) {
  return {.public_url = public_url,
          .folder = folder,
          .session_cookie = kPortalCookie,
          .client_id = kPortalClient};
}

}  // namespace

Result<std::unique_ptr<MethodPages>> MethodPages::Make(Foundation& foundation, ApprovalDesk& desk,
                                                       const std::string& public_url,
                                                       Branding branding, Api::Log log) {
  try {
    auto pages = PageSet::Make({HandOffPageFiles()}, std::move(branding));
    if (!pages.ok()) return pages.error();
    return std::unique_ptr<MethodPages>(
        new MethodPages(foundation, desk, public_url, std::move(*pages), std::move(log)));
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, std::string("the pages of phones: ") + error.what()};
  }
}

MethodPages::MethodPages(Foundation& foundation, ApprovalDesk& desk, std::string public_url,
                         PageSet pages, Api::Log log)
    : public_url_(std::move(public_url)),
      portal_(public_url_.substr(public_url_.find('/', public_url_.find("://") + 3)) + "/portal"),
      clock_(foundation.clock()),
      directory_(*foundation.directory),
      desk_(desk),
      passkeys_(foundation.Parts()),
      pages_(std::move(pages)),
      table_(foundation.database),
      sessions_(MakePortalSessions(table_, foundation.keys, foundation.random, foundation.clock(),
                                   *foundation.directory)),
      phone_(HostOf(public_url_, "/portal/add/approval"), pages_, foundation.keys,
             foundation.random, foundation.clock(), log),
      passkey_(HostOf(public_url_, "/portal/add/passkey"), pages_, foundation.keys,
               foundation.random, foundation.clock(), log) {
  phone_.SetHelpDesk(HelpDeskOf(*foundation.store));
  passkey_.SetHelpDesk(HelpDeskOf(*foundation.store));
  phone_.OnGet("", [this](Visit& visit) { return ShowPhone(visit); });
  phone_.OnPost("", [this](Visit& visit, const Form&) { return OfferPhone(visit); });
  passkey_.OnGet("", [this](Visit& visit) { return ShowPasskey(visit); });
  passkey_.OnPost("", [this](Visit& visit, const Form& form) { return TakePasskey(visit, form); });
}

std::optional<PageSession> MethodPages::Fresh(const Visit& visit) {
  auto session = sessions_.Open(visit.session_token);
  if (!session || clock_.Now() - session->record.proved_at > kFreshSeconds) return std::nullopt;
  return session;
}

HttpReply MethodPages::ToPortal(std::string_view path) const {
  return {.status = 303, .headers = {{"Location", portal_ + std::string(path)}}, .body = {}};
}

HttpReply MethodPages::ShowPhone(Visit& visit) {
  if (!Fresh(visit)) return ToPortal("");
  PageData data = MakeObject();
  data.set("methods", portal_ + "/methods");
  return phone_.Page(visit, "add_phone", std::move(data));
}

HttpReply MethodPages::OfferPhone(Visit& visit) {
  const auto session = Fresh(visit);
  if (!session) return ToPortal("");
  const auto offered = desk_.Offer(session->subject());
  if (!offered.ok()) return phone_.Fault(visit, 403, "add.not_allowed");
  const std::string link =
      public_url_ + "/portal/approve#enrol=" + std::string(offered->code.Reveal());
  PageData data = MakeObject();
  data.set("methods", portal_ + "/methods");
  data.set("link", link);
  data.set("qr", QrPicture(link, phone_.Text(visit, "add.phone_qr")));
  data.set(
      "minutes",
      phone_.Text(visit, "add.phone_minutes",
                  {{"minutes", std::to_string(offered->expires_in_seconds / kMinuteSeconds)}}));
  return phone_.Page(visit, "add_phone", std::move(data));
}

HttpReply MethodPages::ShowPasskey(Visit& visit, const char* error_key) {
  const auto session = Fresh(visit);
  if (!session) return ToPortal("");
  const auto challenge = passkeys_.Begin(session->subject());
  const std::optional<DirectoryUser> user = directory_.Get(session->subject());
  if (!challenge.ok() || !user) return passkey_.Fault(visit, 403, "add.not_allowed");
  PageData data = MakeObject();
  if (error_key != nullptr) data.set("error", passkey_.Text(visit, error_key));
  data.set("methods", portal_ + "/methods");
  data.set("challenge", ToBase64Url(*challenge));
  data.set("host", passkeys_.host());
  data.set("user", ToBase64Url(user->id));
  data.set("username", user->username);
  PageData scripts = MakeList();
  scripts << PageData(passkey_.Url("/assets/" + pages_.AssetName("passkey.js")));
  data.set("scripts", scripts);
  return passkey_.Page(visit, "add_passkey", std::move(data), error_key != nullptr ? 400 : 200);
}

HttpReply MethodPages::TakePasskey(Visit& visit, const Form& form) {
  const auto session = Fresh(visit);
  if (!session) return ToPortal("");
  const Status added =
      passkeys_.Add(visit.caller, session->subject(),
                    {.name = std::string(form.Find("name")),
                     .challenge = FromBase64UrlText(form.Find("challenge")),
                     .client_data = FromBase64UrlText(form.Find("client_data")),
                     .authenticator_data = FromBase64UrlText(form.Find("authenticator_data"))});
  if (added.ok()) return ToPortal("/methods");
  return ShowPasskey(visit,
                     added.error().code == Errc::kPolicy ? "add.bad_name" : "add.passkey_refused");
}

}  // namespace sspr::service
