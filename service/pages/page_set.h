// SPDX-License-Identifier: Apache-2.0
// The pages and their assets, made ready when the program starts: each template in each language.
// A page is a body within the layout; all of it is escaped but what a template marks with {{{ }}}.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "service/http/http_message.h"
#include "service/pages/branding.h"
#include "service/pages/catalogue.h"
#include "service/pages/embedded_file.h"

namespace sspr::service {

// What a template is given: text, yes or no, lists and objects of them.
using PageData = kainjow::mustache::data;

inline PageData MakeObject() { return PageData(PageData::type::object); }
inline PageData MakeList() { return PageData(PageData::type::list); }

class PageSet {
 public:
  // sets: of service/pages (added by this) and of the part that shows the pages. kInternal: a text
  // or a template is missing.
  static Result<PageSet> Make(std::vector<FileSet> sets, Branding branding);

  const Catalogue& catalogue() const { return catalogue_; }
  const Branding& branding() const { return branding_; }

  // templates/NAME.mustache alone. An unknown name gives an empty text.
  std::string RenderPart(const Language& language, std::string_view name, PageData& data) const;

  // Asset by its name with a digest in it, which makes it cacheable for good: "portal-1a2b3c4d.css"
  // for assets/portal.css.
  std::string AssetName(std::string_view name) const;
  std::optional<HttpReply> Asset(std::string_view name_with_digest) const;
  // Names without and with their digest, and the asset by its plain name (a service worker, say,
  // that must keep its address; not cached).
  const std::map<std::string, std::string>& AssetNames() const { return asset_names_; }
  std::optional<HttpReply> PlainAsset(std::string_view name) const;

 private:
  struct AssetFile {
    std::string text;
    std::string type;
  };

  void AddAsset(std::string name, std::string text, std::string type);

  Catalogue catalogue_;
  Branding branding_;
  std::map<std::pair<std::string, std::string>, std::string> templates_;  // by language and name
  std::map<std::string, std::string> asset_names_;
  std::map<std::string, AssetFile, std::less<>> assets_;  // by the name with the digest
};

// Headers of everything that a page's address answers: CSP, no-store, nosniff and so on.
void AddPageHeaders(HttpReply& reply);

}  // namespace sspr::service
