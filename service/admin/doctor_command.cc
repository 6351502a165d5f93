// SPDX-License-Identifier: Apache-2.0
// ssprctl doctor
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "common/base/text.h"
#include "common/system/system_clock.h"
#include "service/admin/commands.h"
#include "service/doctor/certificate_age.h"
#include "service/doctor/directory_checks.h"
#include "service/doctor/graph_checks.h"
#include "service/store/database_target.h"
#include "service/store/sql_store.h"
#include "service/writeback/agent_directory.h"

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

void ExamineDirectory(const EngineSettings& engine, const std::string& person,
                      const std::optional<Policy>& policy, const Clock& clock,
                      DoctorReport& report) {
  if (engine.entra) CheckEntra(engine, person, clock, report);
  if (engine.ldap && engine.ldap->url != kThroughAgent) {
    CheckDirectory({.settings = *engine.ldap,
                    .clock = clock,
                    .person = engine.entra ? std::string() : person,
                    .policy = policy ? &*policy : nullptr},
                   report);
  } else if (!engine.ldap && !engine.entra) {
    report.Good("directory.reach", "builtin", "the passwords are in the service's own database");
  }
}

void Examine(const ServiceConfig& config, const std::string& person, DoctorReport& report) {
  const SystemClock clock;
  if (!config.certificate_file.empty()) {
    CheckCertificateFile("service.certificate", config.certificate_file, clock.Now(), report);
  }
  const std::optional<Policy> policy = PolicyIn(config, report);
  ExamineDirectory(config.engine, person, policy, clock, report);
  for (const FollowerSettings& follower : config.engine.followers) {
    EngineSettings its = config.engine;
    its.ldap = follower.ldap;
    its.entra = follower.entra;
    if (its.ldap || its.entra) ExamineDirectory(its, person, policy, clock, report);
  }
  if (!config.engine.graph.tenant_id.empty()) CheckGraph(config.engine, clock, report);
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
