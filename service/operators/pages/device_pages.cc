// SPDX-License-Identifier: Apache-2.0
// The machines that may ask for resets.
#include <charconv>

#include "service/devices/device_registry.h"
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

constexpr std::size_t kDevicesPerPage = 100;
constexpr std::size_t kShownDigits = 12;  // of an id

DeviceRegistry Registry(Foundation& foundation) {
  return {*foundation.database, *foundation.store, *foundation.audit,
          foundation.keys,      foundation.random, foundation.clock()};
}

int NumberIn(const Form& form, std::string_view name) {
  const std::string_view text = form.Find(name);
  int number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size() ? number : 0;
}

PageData DeviceRow(const DeviceRecord& device, bool may_change) {
  PageData row = MakeObject();
  row.set("device_id", device.id);
  row.set("short_id", device.id.substr(0, kShownDigits));
  row.set("name", device.name);
  row.set("os", device.os);
  row.set("device_group", device.group);
  row.set("seen", PageTime(device.last_seen));
  row.set("revoked", device.revoked_at != 0);
  row.set("suspected", device.suspected_at != 0);
  row.set("may_revoke", may_change && device.revoked_at == 0);
  return row;
}

// Those behind the name of the last one of the page before.
PageData DeviceRows(AdminHost& admin, const AdminVisit& visit,
                    const std::vector<DeviceRecord>& devices, bool may_change, PageData& data) {
  const std::string after = QueryOf(visit.visit.request, "after");
  PageData rows = MakeList();
  std::size_t shown = 0;
  bool begun = after.empty();
  for (const DeviceRecord& device : devices) {
    if (shown == kDevicesPerPage) break;
    if (begun) {
      rows << DeviceRow(device, may_change);
      ++shown;
      const bool more = shown == kDevicesPerPage && device.id != devices.back().id;
      if (more) data.set("next", admin.host().Url("/devices?after=" + device.id));
    }
    begun = begun || device.id == after;
  }
  return rows;
}

HttpReply ShowDevices(AdminHost& admin, AdminVisit& visit, const Error* error) {
  DeviceRegistry registry = Registry(admin.foundation());
  const auto devices = registry.List();
  const auto tokens = registry.ListTokens();
  if (!devices.ok()) return admin.Fault(visit, devices.error());
  if (!tokens.ok()) return admin.Fault(visit, tokens.error());
  const bool may_change = visit.desk.MayDo(OperatorAction::kChangeDevices);
  PageData data = MakeObject();
  data.set("devices", DeviceRows(admin, visit, *devices, may_change, data));
  PageData token_rows = MakeList();
  bool any_token = false;
  for (const EnrolmentTokenRecord& token : *tokens) {
    if (token.uses_left <= 0 || token.expires_at <= admin.Now()) continue;
    PageData row = MakeObject();
    row.set("token_id", token.id);
    row.set("token_group", token.group);
    row.set("left", std::to_string(token.uses_left));
    row.set("issued_by", token.issued_by);
    row.set("until", PageTime(token.expires_at));
    row.set("may_change", may_change);
    token_rows << row;
    any_token = true;
  }
  data.set("tokens", token_rows);
  data.set("has_tokens", any_token);
  data.set("none", devices->empty());
  data.set("count", std::to_string(devices->size()));
  data.set("may_change", may_change);
  if (error != nullptr) return admin.Refuse(visit, "devices", std::move(data), *error);
  return admin.Page(visit, "devices", std::move(data));
}

HttpReply IssueToken(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const auto token = Registry(admin.foundation())
                         .IssueToken({.uses = NumberIn(form, "uses"),
                                      .minutes = NumberIn(form, "minutes"),
                                      .group = std::string(form.Find("group"))},
                                     visit.desk.account().name);
  if (!token.ok()) return ShowDevices(admin, visit, &token.error());
  PageData data = MakeObject();
  data.set("is_device", true);
  data.set("secret", token->text);
  data.set("until", PageTime(token->expires_at));
  data.set("back", admin.host().Url("/devices"));
  return admin.Page(visit, "shown_once", std::move(data));
}

HttpReply ChangeDevices(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const std::string_view what = form.Find("do");
  const std::string& by = visit.desk.account().name;
  DeviceRegistry registry = Registry(admin.foundation());
  if (what == "token") return IssueToken(admin, visit, form);
  if (what == "revoke") {
    const Status revoked = registry.Revoke(form.Find("device"), "by an operator", by);
    if (!revoked.ok()) return ShowDevices(admin, visit, &revoked.error());
    return admin.Done(visit, "/devices", "device_revoked");
  }
  if (what == "remove_token") {
    const Status removed = registry.RemoveToken(form.Find("token"), by);
    if (!removed.ok()) return ShowDevices(admin, visit, &removed.error());
    return admin.Done(visit, "/devices", "token_removed");
  }
  return admin.host().Fault(visit.visit, 400, "error.bad_form");
}

}  // namespace

void AddDevicePages(AdminHost& admin) {
  admin.OnGet("/devices", OperatorAction::kSeeDevices,
              [&admin](AdminVisit& visit) { return ShowDevices(admin, visit, nullptr); });
  admin.OnPost(
      "/devices", OperatorAction::kChangeDevices,
      [&admin](AdminVisit& visit, const Form& form) { return ChangeDevices(admin, visit, form); });
}

}  // namespace sspr::service
