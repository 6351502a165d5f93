// SPDX-License-Identifier: Apache-2.0
#include "service/pages/page_set.h"

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::string_view kTemplates = "templates/";
constexpr std::string_view kTemplateEnd = ".mustache";
constexpr std::string_view kAssets = "assets/";
constexpr std::size_t kDigestDigits = 12;

std::string TypeOf(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".png")) return "image/png";
  if (name.ends_with(".webmanifest")) return "application/manifest+json";
  return "application/octet-stream";
}

}  // namespace

Result<PageSet> PageSet::Make(std::vector<FileSet> sets, Branding branding) {
  sets.insert(sets.begin(), SharedPageFiles());
  PageSet made;
  made.branding_ = std::move(branding);
  auto catalogue = Catalogue::Make(sets);
  if (!catalogue.ok()) return catalogue.error();
  made.catalogue_ = std::move(*catalogue);
  for (const FileSet& set : sets) {
    for (const EmbeddedFile& file : set) {
      if (file.name.starts_with(kAssets)) {
        const std::string_view name = file.name.substr(kAssets.size());
        made.AddAsset(std::string(name), std::string(file.Text()), TypeOf(name));
      }
      if (!file.name.starts_with(kTemplates) || !file.name.ends_with(kTemplateEnd)) continue;
      std::string name(file.name.substr(kTemplates.size()));
      name.resize(name.size() - kTemplateEnd.size());
      for (const Language& language : kLanguages) {
        auto text = made.catalogue_.Localised(language, file.Text());
        if (!text.ok()) {
          return Error{Errc::kInternal, std::string(file.name) + ": " + text.error().detail};
        }
        made.templates_[{std::string(language.code), name}] = std::move(*text);
      }
    }
  }
  made.AddAsset("brand.css", BrandStyle(made.branding_), TypeOf("brand.css"));
  if (!made.branding_.logo.empty()) {
    const bool is_svg = made.branding_.logo_type == "image/svg+xml";
    made.AddAsset(is_svg ? "logo.svg" : "logo.png", made.branding_.logo, made.branding_.logo_type);
  }
  return made;
}

void PageSet::AddAsset(std::string name, std::string text, std::string type) {
  const std::size_t dot = name.rfind('.');
  const std::string digest = ToHex(Sha256(text)).substr(0, kDigestDigits);
  const std::string full = name.substr(0, dot) + "-" + digest + name.substr(dot);
  asset_names_[name] = full;
  assets_[full] = {std::move(text), std::move(type)};
}

std::string PageSet::RenderPart(const Language& language, std::string_view name,
                                PageData& data) const {
  const auto found = templates_.find({std::string(language.code), std::string(name)});
  if (found == templates_.end()) return {};
  kainjow::mustache::mustache parsed(found->second);
  return parsed.render(data);
}

std::string PageSet::AssetName(std::string_view name) const {
  const auto found = asset_names_.find(std::string(name));
  return found == asset_names_.end() ? std::string() : found->second;
}

std::optional<HttpReply> PageSet::Asset(std::string_view name) const {
  const auto found = assets_.find(name);
  if (found == assets_.end()) return std::nullopt;
  HttpReply reply{.status = 200, .headers = {}, .body = found->second.text};
  reply.headers = {{"Content-Type", found->second.type},
                   {"Cache-Control", "public, max-age=31536000, immutable"},
                   {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Cross-Origin-Resource-Policy", "same-origin"},
                   {"Referrer-Policy", "no-referrer"}};
  return reply;
}

std::optional<HttpReply> PageSet::PlainAsset(std::string_view name) const {
  const auto found = assets_.find(AssetName(name));
  if (found == assets_.end()) return std::nullopt;
  HttpReply reply{.status = 200, .headers = {}, .body = found->second.text};
  reply.headers.emplace_back("Content-Type", found->second.type);
  AddPageHeaders(reply);
  return reply;
}

void AddPageHeaders(HttpReply& reply) {
  static const std::vector<std::pair<std::string, std::string>> kHeaders = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
       "'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
       "frame-ancestors 'none'"},
      {"Cache-Control", "no-store"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
      {"X-Robots-Tag", "noindex"},
  };
  reply.headers.insert(reply.headers.end(), kHeaders.begin(), kHeaders.end());
}

}  // namespace sspr::service
