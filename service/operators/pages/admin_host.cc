// SPDX-License-Identifier: Apache-2.0
#include "service/operators/pages/admin_host.h"

#include <qrencode.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace sspr::service {
namespace {

struct MenuEntry {
  const char* path;
  const char* key;
  OperatorAction needed;
};

constexpr auto kMenu = std::to_array<MenuEntry>({
    {"", "menu.overview", OperatorAction::kSeeFigures},
    {"/users", "menu.users", OperatorAction::kSeeUsers},
    {"/requests", "menu.requests", OperatorAction::kSeeRequests},
    {"/campaign", "menu.campaign", OperatorAction::kSeeCampaign},
    {"/policy", "menu.policy", OperatorAction::kSeePolicy},
    {"/banned", "menu.banned", OperatorAction::kSeeBanned},
    {"/devices", "menu.devices", OperatorAction::kSeeDevices},
    {"/audit", "menu.audit", OperatorAction::kSeeAudit},
    {"/clients", "menu.clients", OperatorAction::kSeeClients},
    {"/operators", "menu.operators", OperatorAction::kSeeOperators},
});

// "/users/1" is within "/users".
bool IsWithin(std::string_view path, std::string_view part) {
  if (part.empty()) return path.empty();
  return path.starts_with(part) &&
         (path.size() == part.size() || path[part.size()] == '/' || path[part.size()] == '-');
}

// Sentences of the desk that the catalogue has, by how they begin.
struct KnownSentence {
  std::string_view begin;
  const char* key;
};

constexpr auto kSentences = std::to_array<KnownSentence>({
    {"your role does not allow", "why.role"},
    {"there is no such user", "why.no_user"},
    {"there is no such operator", "why.no_operator"},
    {"the user has no such method", "why.no_method"},
    {"nobody serves themselves", "why.self"},
    {"nobody changes their own", "why.own_account"},
    {"nobody approves", "why.own_request"},
    {"no code is open", "why.no_code"},
    {"the code is not right", "why.wrong_code"},
    {"the code is not the one", "why.app_code"},
    {"the code could not be sent", "why.not_sent"},
    {"too many codes", "why.too_many"},
    {"prove the caller first", "why.prove_first"},
    {"this proof was used", "why.prove_again"},
    {"the policy has no passes", "why.no_passes"},
    {"this request is decided", "why.too_late"},
    {"somebody else was faster", "why.too_late"},
    {"there is nothing to carry out", "why.nothing_to_do"},
    {"nobody becomes an administrator", "why.no_promotion"},
    {"an administrator is invited anew", "why.no_reinvite"},
    {"the operator exists already", "why.taken"},
    {"the invitation is spent", "why.spent"},
    {"an e-mail address is", "why.email"},
    {"a phone number is", "why.phone"},
    {"groups are at most", "why.groups"},
    {"choose a password", "why.password"},
});

void AddMenu(AdminVisit& visit, PageHost& host, PageData& data) {
  PageData entries = MakeList();
  for (const MenuEntry& entry : kMenu) {
    if (!visit.desk.MayDo(entry.needed)) continue;
    PageData item = MakeObject();
    item.set("url", host.Url(entry.path));
    item.set("label", host.Text(visit.visit, entry.key));
    item.set("current", IsWithin(visit.visit.path, entry.path));
    entries << item;
  }
  data.set("menu_entries", entries);
}

}  // namespace

HttpReply AdminHost::Guard(Visit& visit, OperatorAction needed, const Show& handler) {
  auto session = OperatorSignIn(foundation_).Find(visit.session_token);
  if (!session) return host_.Go(visit, "/sign-in");
  if (session->kind == OperatorSessionKind::kEnrolling) return host_.Go(visit, "/enrol");
  OperatorDesk desk(foundation_, session->account, visit.request.address);
  AdminVisit entered{.visit = visit, .session = std::move(*session), .desk = std::move(desk)};
  if (Status may = entered.desk.Check(needed); !may.ok()) return Fault(entered, may.error());
  return handler(entered);
}

void AdminHost::OnGet(std::string path, OperatorAction needed, Show handler) {
  host_.OnGet(std::move(path), [this, needed, handler = std::move(handler)](Visit& visit) {
    return Guard(visit, needed, handler);
  });
}

void AdminHost::OnPost(std::string path, OperatorAction needed, Submit handler) {
  host_.OnPost(std::move(path), [this, needed, handler = std::move(handler)](Visit& visit,
                                                                             const Form& form) {
    return Guard(visit, needed, [&](AdminVisit& entered) { return handler(entered, form); });
  });
}

HttpReply AdminHost::Page(AdminVisit& visit, std::string_view name, PageData data, int status) {
  AddMenu(visit, host_, data);
  data.set("operator", visit.desk.account().name);
  data.set("role", Text(visit, std::string("role.") + Name(visit.desk.account().role)));
  data.set("wide", true);
  PageData styles = MakeList();
  styles << PageData(host_.Url("/assets/" + pages_.AssetName("admin.css")));
  data.set("styles", styles);
  PageData scripts = MakeList();
  scripts << PageData(host_.Url("/assets/" + pages_.AssetName("admin.js")));
  data.set("scripts", scripts);
  const std::string done = QueryOf(visit.visit.request, "done");
  if (visit.visit.request.method == "GET" && !done.empty() &&
      pages_.catalogue().Has("done." + done)) {
    data.set("done", Text(visit, "done." + done));
  }
  return host_.Page(visit.visit, name, std::move(data), status);
}

std::string AdminHost::Sentence(const Visit& visit, const Error& error) const {
  if (error.code == Errc::kInternal) return host_.Text(visit, "error.internal");
  for (const KnownSentence& known : kSentences) {
    if (error.detail.starts_with(known.begin)) return host_.Text(visit, known.key);
  }
  return host_.Text(visit, "why.other", {{"reason", error.detail}});
}

HttpReply AdminHost::Refuse(AdminVisit& visit, std::string_view name, PageData data,
                            const Error& error) {
  data.set("error", Sentence(visit.visit, error));
  return Page(visit, name, std::move(data), error.code == Errc::kInternal ? 503 : 422);
}

HttpReply AdminHost::Fault(AdminVisit& visit, const Error& error) {
  PageData data = MakeObject();
  data.set("error", Sentence(visit.visit, error));
  const bool denied = error.code == Errc::kDenied;
  return Page(visit, "fault", std::move(data), denied ? 403 : 503);
}

HttpReply AdminHost::Done(AdminVisit& visit, std::string_view path, std::string_view name) {
  const bool has_query = path.find('?') != std::string_view::npos;
  return host_.Go(visit.visit,
                  std::string(path) + (has_query ? "&" : "?") + "done=" + std::string(name));
}

std::string PageTime(UnixSeconds time) {
  if (time == 0) return {};
  const std::time_t seconds = time;
  std::tm parts{};
  std::array<char, 40> text{};
  if (gmtime_r(&seconds, &parts) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts)};
}

std::string QueryText(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4]);
    encoded.push_back(kDigits[byte & 15]);
  }
  return encoded;
}

std::string CsvCell(std::string_view text) {
  static constexpr std::string_view kFormulas = "=+-@\t\r";
  std::string cell = "\"";
  if (!text.empty() && kFormulas.find(text.front()) != std::string_view::npos) cell.push_back('\'');
  for (const char c : text) {
    if (c == '"') cell.push_back('"');
    cell.push_back(c);
  }
  cell.push_back('"');
  return cell;
}

HttpReply CsvReply(std::string name, std::string body) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/csv; charset=utf-8; header=present"},
                      {"Content-Disposition", "attachment; filename=\"" + std::move(name) + "\""}},
          .body = std::move(body)};
}

std::string QrSvg(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (!code) return {};
  constexpr int kQuiet = 4;
  const std::string size = std::to_string(code->width + 2 * kQuiet);
  std::string svg = "<svg viewBox=\"0 0 " + size + " " + size +
                    "\" aria-hidden=\"true\" focusable=\"false\" shape-rendering=\"crispEdges\">"
                    "<rect width=\"" +
                    size + "\" height=\"" + size + "\" fill=\"#fff\"/><path fill=\"#000\" d=\"";
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) == 0) continue;
      svg += "M" + std::to_string(x + kQuiet) + " " + std::to_string(y + kQuiet) + "h1v1h-1z";
    }
  }
  return svg + "\"/></svg>";
}

}  // namespace sspr::service
