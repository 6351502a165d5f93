// SPDX-License-Identifier: Apache-2.0
// ssprctl audit ...
#include <algorithm>
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/audit/audit_search.h"
#include "service/audit/syslog_line.h"
#include "service/engine/foundation.h"

namespace sspr::service {
namespace {

struct Wanted {
  AuditQuery query;
  std::string since, until;
  std::vector<std::string> files;
  bool csv = false, rfc5424 = false;
};

const std::vector<const char*> kListed = {"time",   "event", "outcome", "user",
                                          "reason", "actor", "address", "record"};

void AddFilters(CLI::App& command, const std::shared_ptr<Wanted>& wanted) {
  AuditQuery& query = wanted->query;
  command.add_option("--user", query.username, "Of this user")->type_name("USER");
  command.add_option("--actor", query.actor, "By this operator")->type_name("NAME");
  command.add_option("--event", query.event, "This event; reset.* for all that begin so")
      ->type_name("EVENT");
  command.add_option("--outcome", query.outcome, "With this outcome")->type_name("OUTCOME");
  command.add_option("--device", query.device, "From this device")->type_name("ID");
  command.add_option("--address", query.address, "From this network address")->type_name("ADDRESS");
  command.add_option("--text", query.text, "With this text anywhere")->type_name("TEXT");
  command
      .add_option("--since", wanted->since, "From then on: 2026-11-28, or back from now: 24h, 7d")
      ->type_name("TIME");
  command.add_option("--until", wanted->until, "Before then")->type_name("TIME");
}

Status ReadTimes(Wanted& wanted, UnixSeconds now) {
  for (const auto& [text, into] :
       {std::pair{&wanted.since, &wanted.query.since}, {&wanted.until, &wanted.query.until}}) {
    if (text->empty()) continue;
    const Result<UnixSeconds> time = ReadAuditTime(*text, now);
    if (!time.ok()) return time.error();
    *into = *time;
  }
  return Ok();
}

Json::Value ToJson(const AuditRecord& record) {
  Json::Value object(Json::objectValue);
  for (const auto& [name, value] : AuditColumns(record)) {
    if (!value.empty()) object[name] = value;
  }
  return object;
}

Status Search(Foundation& foundation, Wanted& wanted, const Output& output) {
  if (Status times = ReadTimes(wanted, foundation.clock().Now()); !times.ok()) return times;
  const Result<AuditPage> page = AuditSearch(*foundation.database).Find(wanted.query);
  if (!page.ok()) return page.error();
  Json::Value list(Json::arrayValue);
  for (const AuditRecord& record : page->records) list.append(ToJson(record));
  output.ShowList(list, kListed);
  return Ok();
}

// Page after page, so that an export of any size needs little memory. Newest first.
Status Export(Foundation& foundation, Wanted& wanted, const Output&) {
  if (Status times = ReadTimes(wanted, foundation.clock().Now()); !times.ok()) return times;
  AuditSearch search(*foundation.database);
  const std::string host = SyslogHost();
  constexpr int kPage = 1000;
  wanted.query.limit = kPage;
  if (wanted.csv) std::fputs(AuditCsvHeader().c_str(), stdout);
  while (true) {
    const Result<AuditPage> page = search.Find(wanted.query);
    if (!page.ok()) return page.error();
    for (const AuditRecord& record : page->records) {
      const std::string line = wanted.csv       ? AuditCsvLine(record)
                               : wanted.rfc5424 ? SyslogLine(record, host) + "\n"
                                                : record.line + "\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    if (!page->before) break;
    wanted.query.before = page->before;
  }
  if (std::fflush(stdout) != 0) return Error{Errc::kInternal, "the export was not written whole"};
  return Ok();
}

Status Verify(Foundation& foundation, const Wanted& wanted, const Output& output) {
  const auto verdict = foundation.audit->Verify(wanted.files);
  if (!verdict.ok()) return verdict.error();
  Json::Value object(Json::objectValue);
  object["intact"] = verdict->intact;
  object["records"] = Json::UInt64{verdict->records};
  output.ShowObject(object, {"intact", "records"});
  return verdict->intact ? Ok() : Error{Errc::kDenied, verdict->detail};
}

}  // namespace

void AddAuditCommands(CLI::App& app, FoundationCommand& chosen) {
  auto* const audit = app.add_subcommand("audit", "The record of all decisions");
  audit->require_subcommand(1);
  auto wanted = std::make_shared<Wanted>();

  auto* const search = audit->add_subcommand("search", "List records, newest first");
  AddFilters(*search, wanted);
  search->add_option("--limit", wanted->query.limit, "At most so many, 100 by default")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  search->callback([wanted, &chosen] {
    chosen = [wanted](Foundation& foundation, const Output& output) {
      return Search(foundation, *wanted, output);
    };
  });

  auto* const exported = audit->add_subcommand(
      "export", "Write all records to standard output, newest first: JSON lines, or as told");
  AddFilters(*exported, wanted);
  auto* const csv = exported->add_flag("--csv", wanted->csv, "As a table for spreadsheets");
  exported->add_flag("--rfc5424", wanted->rfc5424, "As syslog messages")->excludes(csv);
  exported->callback([wanted, &chosen] {
    chosen = [wanted](Foundation& foundation, const Output& output) {
      return Export(foundation, *wanted, output);
    };
  });

  auto* const verify = audit->add_subcommand(
      "verify",
      "Check the chains in the database and the audit file; exit code 1 when one is broken");
  verify
      ->add_option("--file", wanted->files,
                   "Instead of the audit file: its parts, the oldest first, the one in use last")
      ->type_name("FILE");
  verify->callback([wanted, &chosen] {
    chosen = [wanted](Foundation& foundation, const Output& output) {
      return Verify(foundation, *wanted, output);
    };
  });
}

}  // namespace sspr::service
