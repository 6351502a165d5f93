// SPDX-License-Identifier: Apache-2.0
#include "service/pages/page_host.h"

#include <algorithm>

#include "common/permit/fixed_bytes.h"
#include "service/api/guid.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr char kVisitorCookie[] = "sspr-visitor";
constexpr char kLanguageCookie[] = "sspr-language";
constexpr char kLanguagePath[] = "/language";
constexpr std::string_view kAssetsPath = "/assets/";
constexpr std::size_t kVisitorBytes = 16;
constexpr std::size_t kSessionDigits = 64;
constexpr std::size_t kMaxRestBytes = 128;
constexpr int kYearSeconds = 365 * 24 * 3600;
constexpr std::string_view kScheme = "https://";

std::size_t HostEnd(std::string_view url) { return url.find('/', kScheme.size()); }

bool IsHex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsSegment(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRestBytes && !text.starts_with('.') &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

bool IsFormType(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/x-www-form-urlencoded";
}

}  // namespace

PageHost::PageHost(PageHostSettings settings, const PageSet& pages, const ServiceKeys& keys,
                   Random& random, const Clock& clock, Api::Log log)
    : settings_(std::move(settings)),
      prefix_(settings_.public_url.substr(HostEnd(settings_.public_url)) + settings_.folder),
      origin_(settings_.public_url.substr(0, HostEnd(settings_.public_url))),
      pages_(pages),
      keys_(keys),
      random_(random),
      clock_(clock),
      log_(std::move(log)) {
  OnPost(kLanguagePath,
         [this](Visit& visit, const Form& form) { return ChangeLanguage(visit, form); });
}

PageHost::Route& PageHost::RouteOf(std::string path) {
  const bool takes_rest = path.ends_with("/*");
  if (takes_rest) path.pop_back();
  const auto found = std::ranges::find_if(
      routes_, [&](const Route& one) { return one.path == path && one.takes_rest == takes_rest; });
  if (found != routes_.end()) return *found;
  routes_.push_back({.path = std::move(path), .takes_rest = takes_rest, .show = {}, .submit = {}});
  return routes_.back();
}

void PageHost::OnGet(std::string path, Show handler) {
  RouteOf(std::move(path)).show = std::move(handler);
}
void PageHost::OnPost(std::string path, Submit handler) {
  RouteOf(std::move(path)).submit = std::move(handler);
}
void PageHost::OnRaw(std::string path, Show handler) {
  Route& route = RouteOf(std::move(path));
  route.show = std::move(handler);
  route.raw = true;
}

const PageHost::Route* PageHost::Find(std::string_view path, Asks asks, std::string& rest) const {
  const Route* with_rest = nullptr;
  for (const Route& route : routes_) {
    if (asks == Asks::kShow && !route.show) continue;
    if (asks == Asks::kSubmit && !route.submit) continue;
    if (!route.takes_rest) {
      if (route.path == path) return &route;
    } else if (path.starts_with(route.path) && IsSegment(path.substr(route.path.size()))) {
      with_rest = &route;
    }
  }
  if (with_rest != nullptr) rest = path.substr(with_rest->path.size());
  return with_rest;
}

Visit PageHost::Enter(const HttpRequestView& request) const {
  Visit visit{.request = request};
  std::string_view path = request.path;
  path.remove_prefix(std::min(prefix_.size(), path.size()));
  visit.path = path == "/" ? "" : path;
  visit.caller = {
      .client_id = settings_.client_id, .address = request.address, .correlation_id = NewGuid()};
  const auto cookie = [&request](const std::string& name) {
    return CookieOf(request, "__Host-" + name).value_or("");
  };
  const std::string language = cookie(kLanguageCookie);
  visit.language = IsLanguage(language) ? &LanguageOf(language)
                                        : &PreferredLanguage(request.Header("accept-language"));
  visit.session_token = cookie(settings_.session_cookie);
  if (!IsHex(visit.session_token, kSessionDigits)) visit.session_token.clear();
  visit.visitor = cookie(kVisitorCookie);
  if (!IsHex(visit.visitor, 2 * kVisitorBytes)) visit.visitor.clear();
  return visit;
}

HttpReply PageHost::Handle(const HttpRequestView& request) const noexcept {
  try {
    const std::chrono::milliseconds begun = clock_.Monotonic();
    Visit visit = Enter(request);
    const Asks asks = request.method == "GET"    ? Asks::kShow
                      : request.method == "POST" ? Asks::kSubmit
                                                 : Asks::kAnything;
    const Route* route = Find(visit.path, asks, visit.rest);
    if (route == nullptr) route = Find(visit.path, Asks::kAnything, visit.rest);
    const char* error = "";
    HttpReply reply;
    const bool is_asset = visit.path.starts_with(kAssetsPath);
    if (is_asset) {
      auto asset = request.method == "GET" ? pages_.Asset(visit.path.substr(kAssetsPath.size()))
                                           : std::nullopt;
      reply = asset ? std::move(*asset) : Finish(visit, Fault(visit, 404, "error.not_found"));
    } else {
      try {
        reply = Dispatch(visit, route);
      } catch (const std::exception&) {  // the database, the audit, out of memory
        error = "internal";
        reply = Finish(visit, Fault(visit, 503, "error.internal"));
      }
    }
    if (log_) {
      const std::string shown = prefix_ + (is_asset           ? "/assets"
                                           : route == nullptr ? "/(unknown)"
                                                              : route->path);
      log_({.method =
                request.method == "POST" || request.method == "GET" ? request.method : "(other)",
            .path = shown,
            .status = reply.status,
            .error = error,
            .taken = clock_.Monotonic() - begun,
            .address = request.address,
            .correlation_id = visit.caller.correlation_id});
    }
    return reply;
  } catch (...) {
    return {.status = 503, .headers = {}, .body = {}};
  }
}

HttpReply PageHost::Dispatch(Visit& visit, const Route* route) const {
  if (route == nullptr) return Finish(visit, Fault(visit, 404, "error.not_found"));
  const std::string_view method = visit.request.method;
  if (method == "GET" && route->show) {
    if (route->raw) return route->show(visit);
    if (visit.visitor.empty() && visit.session_token.empty()) {
      visit.visitor = ToHex(RandomBytes(random_, kVisitorBytes));
      visit.cookies.push_back(HostCookie(kVisitorCookie, visit.visitor, 0));
    }
    return Finish(visit, route->show(visit));
  }
  if (method == "POST" && route->submit) return Finish(visit, Accept(visit, *route));
  HttpReply refused = Finish(visit, Fault(visit, 405, "error.not_found"));
  refused.headers.emplace_back("Allow", route->show ? "GET" : "POST");
  return refused;
}

HttpReply PageHost::Accept(Visit& visit, const Route& route) const {
  if (!IsOwnForm(visit)) return Fault(visit, 403, "error.foreign_form");
  if (!IsFormType(visit.request.Header("content-type"))) {
    return Fault(visit, 400, "error.bad_form");
  }
  const Result<Form> form = Form::Parse(visit.request.body);
  if (!form.ok()) return Fault(visit, 400, "error.bad_form");
  const bool has_cookie = !visit.visitor.empty() || !visit.session_token.empty();
  if (!has_cookie || !SameBytes(form->Find("form_token"), FormToken(visit))) {
    return Fault(visit, 403, "error.stale_form");
  }
  return route.submit(visit, *form);
}

// A browser says where a form comes from. With our Referrer-Policy the origin of our own forms may
// be "null", so Sec-Fetch-Site decides where there is one.
bool PageHost::IsOwnForm(const Visit& visit) const {
  const std::string_view site = visit.request.Header("sec-fetch-site");
  const std::string_view origin = visit.request.Header("origin");
  if (!site.empty() && site != "same-origin") return false;
  if (origin.empty() || origin == "null") return site == "same-origin";
  return origin == origin_;
}

std::string PageHost::FormToken(const Visit& visit) const {
  const bool has_session = !visit.session_token.empty();
  std::string name = "form:" + settings_.folder;
  name.append(has_session ? ":session:" : ":visitor:");
  name.append(has_session ? visit.session_token : visit.visitor);
  return ToHex(keys_.CodeDigest(name));
}

HttpReply PageHost::ChangeLanguage(Visit& visit, const Form& form) const {
  const std::string code(form.Find("language"));
  if (!IsLanguage(code)) return Fault(visit, 400, "error.bad_form");
  visit.cookies.push_back(HostCookie(kLanguageCookie, code, kYearSeconds));
  std::string rest;
  const std::string_view page = form.Find("page");
  const Route* const route = Find(page, Asks::kShow, rest);
  return Go(visit, route != nullptr && !route->raw ? page : "");
}

// Also of the page that says that the database does not answer.
HelpDesk PageHost::HelpDeskNow() const noexcept {
  const Branding& brand = pages_.branding();
  HelpDesk now;
  try {
    if (help_desk_) now = help_desk_();
  } catch (const std::exception&) {
    now = {};
  }
  if (now.text.empty()) now.text = brand.help_text;
  if (now.url.empty()) now.url = brand.help_url;
  return now;
}

HttpReply PageHost::Page(Visit& visit, std::string_view name, PageData data, int status) const {
  const Language& language = *visit.language;
  const Catalogue& catalogue = pages_.catalogue();
  const Branding& brand = pages_.branding();
  data.set("portal", prefix_);
  data.set("form_token", FormToken(visit));
  data.set("page", visit.path);
  data.set("product", brand.product_name);
  data.set("title", catalogue.Text(language, "title." + std::string(name)));
  PageData assets = MakeObject();
  for (const auto& [plain, full] : pages_.AssetNames()) {
    std::string key = plain;
    std::ranges::replace(key, '.', '_');
    std::ranges::replace(key, '-', '_');
    assets.set(key, prefix_ + std::string(kAssetsPath) + full);
  }
  data.set("assets", assets);
  const std::string body = pages_.RenderPart(language, name, data);

  data.set("body", body);
  data.set("menu", menu_.empty() ? std::string() : pages_.RenderPart(language, menu_, data));
  data.set("language", std::string(language.code));
  data.set("direction", std::string(language.right_to_left ? "rtl" : "ltr"));
  const HelpDesk help = HelpDeskNow();
  if (!help.text.empty()) data.set("help_text", help.text);
  if (!help.url.empty()) data.set("help_url", help.url);
  if (!brand.logo.empty()) {
    const bool is_svg = brand.logo_type == "image/svg+xml";
    data.set("logo", prefix_ + std::string(kAssetsPath) +
                         pages_.AssetName(is_svg ? "logo.svg" : "logo.png"));
  }
  PageData languages = MakeList();
  for (const Language& one : kLanguages) {
    PageData entry = MakeObject();
    entry.set("code", std::string(one.code));
    entry.set("name", std::string(one.name));
    entry.set("direction", std::string(one.right_to_left ? "rtl" : "ltr"));
    entry.set("current", one.code == language.code);
    languages << entry;
  }
  data.set("languages", languages);
  HttpReply reply{.status = status,
                  .headers = {{"Content-Type", "text/html; charset=utf-8"}},
                  .body = pages_.RenderPart(language, "layout", data)};
  reply.headers.emplace_back("Content-Language", language.code);
  return reply;
}

HttpReply PageHost::Fault(Visit& visit, int status, std::string_view key) const {
  PageData data = MakeObject();
  data.set("error", Text(visit, key));
  return Page(visit, "fault", std::move(data), status);
}

HttpReply PageHost::Go(Visit& visit, std::string_view path) const {
  (void)visit;
  return {.status = 303, .headers = {{"Location", prefix_ + std::string(path)}}, .body = {}};
}

void PageHost::PutSession(Visit& visit, std::string token) const {
  visit.cookies.push_back(token.empty() ? ForgottenCookie(settings_.session_cookie)
                                        : HostCookie(settings_.session_cookie, token, 0));
  visit.session_token = std::move(token);
}

std::string PageHost::Text(const Visit& visit, std::string_view key) const {
  return pages_.catalogue().Text(*visit.language, key);
}

std::string PageHost::Text(
    const Visit& visit, std::string_view key,
    const std::vector<std::pair<std::string_view, std::string>>& values) const {
  return pages_.catalogue().Text(*visit.language, key, values);
}

HttpReply PageHost::Finish(Visit& visit, HttpReply reply) const {
  AddPageHeaders(reply);
  for (const std::string& cookie : visit.cookies) reply.headers.emplace_back("Set-Cookie", cookie);
  return reply;
}

}  // namespace sspr::service
