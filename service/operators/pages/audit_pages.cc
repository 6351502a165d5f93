// SPDX-License-Identifier: Apache-2.0
// Search in the audit, on the page and as a file.
#include <array>

#include "service/audit/audit_search.h"
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

constexpr int kPerPage = 100;
constexpr int kMostRecordsExported = 10000;

struct Field {
  const char* name;
  std::string AuditFilter::*member;
};

constexpr auto kFields = std::to_array<Field>({
    {"user", &AuditFilter::username},
    {"operator", &AuditFilter::actor},
    {"event", &AuditFilter::event},
    {"outcome", &AuditFilter::outcome},
    {"address", &AuditFilter::address},
    {"text", &AuditFilter::text},
});

// What the address bar asks for; data is given the same back, and link the part of an address that
// asks for it again.
Result<AuditQuery> ReadQuery(const AdminHost& admin, const Visit& visit, PageData& data,
                             std::string& link) {
  AuditQuery query;
  const auto keep = [&](const char* name, const std::string& value) {
    data.set(std::string("f_") + name, value);
    link += (link.empty() ? "?" : "&") + std::string(name) + "=" + QueryText(value);
  };
  for (const Field& field : kFields) {
    query.*field.member = QueryOf(visit.request, field.name);
    keep(field.name, query.*field.member);
  }
  const std::string since = QueryOf(visit.request, "since");
  const std::string until = QueryOf(visit.request, "until");
  keep("since", since);
  keep("until", until);
  for (const auto& [text, member] :
       {std::pair{&since, &AuditQuery::since}, std::pair{&until, &AuditQuery::until}}) {
    if (text->empty()) continue;
    const auto time = ReadAuditTime(*text, admin.Now());
    if (!time.ok()) return time.error();
    query.*member = *time;
  }
  query.before = ReadPlace(QueryOf(visit.request, "before"));
  return query;
}

HttpReply ShowAudit(AdminHost& admin, AdminVisit& visit) {
  PageData data = MakeObject();
  std::string link;
  auto query = ReadQuery(admin, visit.visit, data, link);
  if (!query.ok()) return admin.Refuse(visit, "audit", std::move(data), query.error());
  query->limit = kPerPage;
  const auto page = AuditSearch(*admin.foundation().database).Find(*query);
  if (!page.ok()) return admin.Refuse(visit, "audit", std::move(data), page.error());
  PageData rows = MakeList();
  for (const AuditRecord& record : page->records) {
    PageData row = MakeObject();
    row.set("at", PageTime(record.at));
    row.set("event", record.event.event);
    row.set("outcome", record.event.outcome);
    row.set("user", record.event.username);
    row.set("actor", record.event.actor);
    row.set("address", record.event.address);
    row.set("reason", record.event.reason);
    rows << row;
  }
  data.set("records", rows);
  data.set("found", !page->records.empty());
  data.set("none", page->records.empty());
  data.set("csv", admin.host().Url("/audit.csv" + link));
  if (page->before) {
    data.set("next",
             admin.host().Url("/audit" + link + "&before=" + QueryText(WritePlace(*page->before))));
  }
  return admin.Page(visit, "audit", std::move(data));
}

HttpReply Export(AdminHost& admin, AdminVisit& visit) {
  PageData data = MakeObject();
  std::string link;
  auto query = ReadQuery(admin, visit.visit, data, link);
  if (!query.ok()) return admin.Refuse(visit, "audit", std::move(data), query.error());
  query->limit = kMostRecordsExported;
  const auto page = AuditSearch(*admin.foundation().database).Find(*query);
  if (!page.ok()) return admin.Refuse(visit, "audit", std::move(data), page.error());
  std::string text = AuditCsvHeader();
  for (const AuditRecord& record : page->records) text += AuditCsvLine(record);
  return CsvReply("audit.csv", std::move(text));
}

}  // namespace

void AddAuditPages(AdminHost& admin) {
  admin.OnGet("/audit", OperatorAction::kSeeAudit,
              [&admin](AdminVisit& visit) { return ShowAudit(admin, visit); });
  admin.OnGet("/audit.csv", OperatorAction::kSeeAudit,
              [&admin](AdminVisit& visit) { return Export(admin, visit); });
}

}  // namespace sspr::service
