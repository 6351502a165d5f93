// SPDX-License-Identifier: Apache-2.0
// One part of the site that people see: its routes, and what all its pages share. A form reaches
// its handler only with the token of the visitor's own page and from our own origin; the language,
// cookies, layout, headers, errors and assets are done here.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "service/api/api.h"
#include "service/api/form.h"
#include "service/crypto/random.h"
#include "service/crypto/service_keys.h"
#include "service/pages/page_set.h"
#include "service/pages/visit.h"

namespace sspr::service {

struct PageHostSettings {
  std::string public_url;      // https://host[:port]/tenant, no slash at the end
  std::string folder;          // "/portal"; the pages are below public_url + folder
  std::string session_cookie;  // "sspr-portal": the browser is told "__Host-sspr-portal"
  std::string client_id;       // of the engine's calls that the pages make
};

// Whom people turn to: one line, and a link.
struct HelpDesk {
  std::string text;
  std::string url;
};

class PageHost {
 public:
  using Show = std::function<HttpReply(Visit&)>;
  using Submit = std::function<HttpReply(Visit&, const Form&)>;

  // All outlive it. log is called on worker threads.
  PageHost(PageHostSettings settings, const PageSet& pages, const ServiceKeys& keys, Random& random,
           const Clock& clock, Api::Log log);

  // Before the first request. A path is below the folder: "" is the start page; one that ends with
  // "/*" takes one more segment of letters, digits, '-', '_' and '.', which is visit.rest.
  void OnGet(std::string path, Show handler);
  void OnPost(std::string path, Submit handler);
  // An answer that is no page of ours (a service worker, a stream); the handler does its headers.
  void OnRaw(std::string path, Show handler);

  // Of the site: the path that requests to this part begin with.
  const std::string& prefix() const { return prefix_; }
  // Safe from several threads at once; never throws.
  HttpReply Handle(const HttpRequestView& request) const noexcept;

  // --- for the handlers
  // templates/NAME.mustache in the layout, titled by the text title.NAME. Of data the layout shows
  // "error" and "done", each one sentence.
  HttpReply Page(Visit& visit, std::string_view name, PageData data, int status = 200) const;
  // 303 to a path below the folder.
  HttpReply Go(Visit& visit, std::string_view path) const;
  // Sets the session's cookie; empty: forgets it.
  void PutSession(Visit& visit, std::string token) const;
  // A text of the catalogue in the visitor's language.
  std::string Text(const Visit& visit, std::string_view key) const;
  std::string Text(const Visit& visit, std::string_view key,
                   const std::vector<std::pair<std::string_view, std::string>>& values) const;
  std::string Url(std::string_view path) const { return prefix_ + std::string(path); }
  // What a form sends as "form_token".
  std::string FormToken(const Visit& visit) const;
  // A page that says what went wrong, by the key of a text: "error.internal".
  HttpReply Fault(Visit& visit, int status, std::string_view key) const;

  // Asked at each page, at whose foot it stands. What is empty, or cannot be told, is the brand's.
  void SetHelpDesk(std::function<HelpDesk()> help_desk) { help_desk_ = std::move(help_desk); }
  // Menu of the part, shown above the page: a template that is given the page's data; empty: none.
  void SetMenu(std::string template_name) { menu_ = std::move(template_name); }

 private:
  struct Route {
    std::string path;
    bool takes_rest = false;
    Show show = {};
    Submit submit = {};
    bool raw = false;
  };

  Route& RouteOf(std::string path);
  HelpDesk HelpDeskNow() const noexcept;
  enum class Asks { kShow, kSubmit, kAnything };
  // The route that answers; whole paths before those with a '*'.
  const Route* Find(std::string_view path, Asks asks, std::string& rest) const;
  Visit Enter(const HttpRequestView& request) const;
  HttpReply Dispatch(Visit& visit, const Route* route) const;
  HttpReply Accept(Visit& visit, const Route& route) const;
  HttpReply ChangeLanguage(Visit& visit, const Form& form) const;
  bool IsOwnForm(const Visit& visit) const;
  HttpReply Finish(Visit& visit, HttpReply reply) const;

  const PageHostSettings settings_;
  const std::string prefix_;
  const std::string origin_;
  const PageSet& pages_;
  const ServiceKeys& keys_;
  Random& random_;
  const Clock& clock_;
  const Api::Log log_;
  std::vector<Route> routes_;
  std::function<HelpDesk()> help_desk_;
  std::string menu_;
};

}  // namespace sspr::service
