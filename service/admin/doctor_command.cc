// SPDX-License-Identifier: Apache-2.0
// ssprctl doctor
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "common/base/text.h"
#include "service/admin/commands.h"
#include "service/daemon/system_clock.h"
#include "service/doctor/certificate_age.h"
#include "service/doctor/directory_checks.h"
#include "service/risk/graph_client.h"
#include "service/store/database_target.h"
#include "service/store/sql_store.h"

namespace sspr::service {
namespace {

// A database that is not there yet is not made.
std::optional<Policy> PolicyIn(const ServiceConfig& config, DoctorReport& report) {
  constexpr char kDatabase[] = "service.database";
  const std::string& target = config.engine.database;
  std::error_code ignored;
  if (DialectOf(target) == Dialect::kSqlite && !std::filesystem::exists(target, ignored)) {
    report.Add(kDatabase, FindingLevel::kWarning, target, "is not there yet",
               "start sspr-service once");
    return std::nullopt;
  }
  try {
    auto database =
        SqlDatabase::Open(target, 1, {.password_file = config.engine.database_password_file});
    if (!database.ok()) {
      report.Add(kDatabase, FindingLevel::kFault, "the database", database.error().detail,
                 "run this as the service's account, and look at [data] of the configuration");
      return std::nullopt;
    }
    SystemRandom random;
    SqlStore store(std::move(*database), random);
    return LoadPolicy(store);
  } catch (const std::exception& error) {
    report.Add(kDatabase, FindingLevel::kFault, "the database", error.what(),
               "look at [data] of the configuration");
    return std::nullopt;
  }
}

// The app's certificate, a token for it, and what that allows.
void ExamineGraph(const GraphSettings& settings, const Clock& clock, DoctorReport& report) {
  constexpr char kNeeded[] = "IdentityRiskyUser.ReadWrite.All";
  constexpr UnixSeconds kAllowed = 60;
  CheckCertificateFile("graph.certificate", settings.certificate_file, clock.Now(), report);
  auto client = GraphClient::Make(settings, clock);
  if (!client.ok()) {
    report.Add("graph.reach", FindingLevel::kFault, settings.login_url, client.error().detail,
               "correct section [graph] of the configuration");
    return;
  }
  const auto permissions = (*client)->Permissions();
  const bool is_unreadable = !permissions.ok() && permissions.error().code == Errc::kProtocol;
  if (!permissions.ok() && !is_unreadable) {
    report.Add("graph.reach", FindingLevel::kFault, settings.login_url, permissions.error().detail,
               "look at tenant_id and client_id, and whether the certificate is registered with "
               "the app");
    return;
  }
  report.Good("graph.reach", settings.login_url, "gives a token for the app");
  if (const auto ahead = (*client)->ahead(); ahead && std::abs(*ahead) > kAllowed) {
    report.Add("graph.clock", FindingLevel::kWarning, settings.login_url,
               "the clock there is " + std::to_string(*ahead) + " seconds ahead of this host's",
               "let this host follow time servers");
  }
  if (is_unreadable) {
    report.Add("graph.permissions", FindingLevel::kNote, settings.client_id,
               permissions.error().detail, "look at the app's permissions in the admin center");
  } else if (std::ranges::find(*permissions, kNeeded) == permissions->end()) {
    report.Add("graph.permissions", FindingLevel::kFault, kNeeded, "the app does not hold it",
               "add this application permission to the app, and consent as an administrator");
  } else {
    report.Good("graph.permissions", kNeeded, "the app holds it");
  }
}

void Examine(const ServiceConfig& config, const std::string& person, DoctorReport& report) {
  const SystemClock clock;
  if (!config.certificate_file.empty()) {
    CheckCertificateFile("service.certificate", config.certificate_file, clock.Now(), report);
  }
  const std::optional<Policy> policy = PolicyIn(config, report);
  if (config.engine.ldap) {
    CheckDirectory({.settings = *config.engine.ldap,
                    .clock = clock,
                    .person = person,
                    .policy = policy ? &*policy : nullptr},
                   report);
  } else {
    report.Good("directory.reach", "builtin", "the passwords are in the service's own database");
  }
  if (!config.engine.graph.tenant_id.empty()) ExamineGraph(config.engine.graph, clock, report);
}

// A directory's own words may be among them.
std::string Shown(const std::string& text) {
  std::array<char, kMaxTextBytes> clean{};
  return {clean.data(), FilterForDisplay(text, Lines::kOne, clean)};
}

void Show(const DoctorReport& report, const Output& output) {
  Json::Value list(Json::arrayValue);
  for (const DoctorFinding& finding : report.findings()) {
    Json::Value object(Json::objectValue);
    object["id"] = finding.id;
    object["level"] = std::string(Name(finding.level));
    object["subject"] = finding.subject;
    object["text"] = finding.text;
    object["remedy"] = finding.remedy;
    list.append(std::move(object));
  }
  if (output.json()) return output.ShowList(list, {});
  for (const DoctorFinding& one : report.findings()) {
    std::printf("%-8s %-22s %s: %s\n", std::string(Name(one.level)).c_str(), one.id.c_str(),
                Shown(one.subject).c_str(), Shown(one.text).c_str());
    if (!one.remedy.empty()) std::printf("%-31s -> %s\n", "", Shown(one.remedy).c_str());
  }
}

}  // namespace

void AddDoctorCommand(CLI::App& app, CodeCommand& chosen) {
  auto person = std::make_shared<std::string>();
  auto* const doctor =
      app.add_subcommand("doctor", "Say what stands in the way of resets, and change nothing");
  doctor->add_option("--person", *person, "On whose entry rights are looked at: a user name");
  doctor->callback([person, &chosen] {
    chosen = [person](const ServiceConfig& config, const Output& output) {
      constexpr int kWarnings = 4;
      DoctorReport report;
      Examine(config, *person, report);
      Show(report, output);
      switch (report.worst()) {
        case FindingLevel::kGood:
        case FindingLevel::kNote:
          return 0;
        case FindingLevel::kWarning:
          return kWarnings;
        case FindingLevel::kFault:
          break;
      }
      return 1;
    };
  });
}

}  // namespace sspr::service
