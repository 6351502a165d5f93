// SPDX-License-Identifier: Apache-2.0
// What all admin pages share: nothing is shown without a session and the right that the route
// names, and what a page is made of beside its own data.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "service/operators/operator_desk.h"
#include "service/operators/operator_sign_in.h"
#include "service/pages/page_host.h"

namespace sspr::service {

struct AdminVisit {
  Visit& visit;
  OperatorSession session;
  OperatorDesk desk;
};

class AdminHost {
 public:
  using Show = std::function<HttpReply(AdminVisit&)>;
  using Submit = std::function<HttpReply(AdminVisit&, const Form&)>;

  // All outlive it.
  AdminHost(Foundation& foundation, PageHost& host, const PageSet& pages)
      : foundation_(foundation), host_(host), pages_(pages) {}

  Foundation& foundation() { return foundation_; }
  PageHost& host() { return host_; }
  UnixSeconds Now() const { return foundation_.clock().Now(); }

  // Before the first request. Whoever is not signed in is led to the sign-in, whoever may not is
  // told so and it is audited.
  void OnGet(std::string path, OperatorAction needed, Show handler);
  void OnPost(std::string path, OperatorAction needed, Submit handler);

  // The page with menu and operator. Of the query, "done" names a text "done.NAME" to be shown.
  HttpReply Page(AdminVisit& visit, std::string_view name, PageData data, int status = 200);
  // The same with what went wrong.
  HttpReply Refuse(AdminVisit& visit, std::string_view name, PageData data, const Error& error);
  HttpReply Fault(AdminVisit& visit, const Error& error);
  // 303 to the path, where "done.NAME" is said.
  HttpReply Done(AdminVisit& visit, std::string_view path, std::string_view name);

  std::string Text(const AdminVisit& visit, std::string_view key) const {
    return host_.Text(visit.visit, key);
  }
  // Of what others may add to: the text, or what is given instead.
  std::string TextOr(const AdminVisit& visit, const std::string& key,
                     const std::string& otherwise) const {
    return pages_.catalogue().Has(key) ? Text(visit, key) : otherwise;
  }
  // The sentence of an error in the visitor's language where there is one, else as it is.
  std::string Sentence(const Visit& visit, const Error& error) const;

 private:
  HttpReply Guard(Visit& visit, OperatorAction needed, const Show& handler);

  Foundation& foundation_;
  PageHost& host_;
  const PageSet& pages_;
};

// For a template that asks whether there is any: an empty text is a "no".
inline void PutText(PageData& data, const char* name, const std::string& text) {
  if (text.empty()) {
    data.set(name, false);
  } else {
    data.set(name, text);
  }
}

// "2026-11-28 04:05 UTC"; empty for 0.
std::string PageTime(UnixSeconds time);
// The text percent-encoded, for a query.
std::string QueryText(std::string_view text);
// A cell of RFC 4180 that no spreadsheet takes for a formula.
std::string CsvCell(std::string_view text);
// As a file to be kept.
HttpReply CsvReply(std::string name, std::string body);

// A QR code as SVG, dark on light; empty when it does not fit.
std::string QrSvg(std::string_view text);

}  // namespace sspr::service
