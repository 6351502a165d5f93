// SPDX-License-Identifier: Apache-2.0
// sspr-doctor: says what stands in the way of a reset on this machine, and changes nothing.
#include <sys/resource.h>
#include <syslog.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "common/base/text.h"
#include "common/config/known_keys.h"
#include "pam_module/doctor/live_checks.h"
#include "pam_module/doctor/machine_checks.h"
#include "pam_module/doctor/machine_view.h"
#include "pam_module/doctor/report.h"
#include "pam_module/doctor/user_checks.h"
#include "pam_module/machine/machine_transport.h"

namespace sspr::doctor {
namespace {

constexpr int kCannotLook = 3;

struct CommandLine {
  std::string config = kConfigurationFile;
  std::string root = "/";
  std::string user;
  std::string service = "login";
  bool json = false;
  bool offline = false;
  bool log = false;
};

void AskOthers(const CommandLine& line, const MachineView& view, const Machine& machine,
               const std::set<std::string>& sockets, Report& report) {
  for (const std::string& socket : sockets) CheckFlowSocket(view, socket, report);
  CheckSetpwSocket(view, machine, report);
  const auto transport = OpenTransportOf(machine, "sspr-doctor");
  if (!transport.ok()) {
    report.Add(FindingId::kService, Level::kFault, machine.client.base_url,
               transport.error().detail, "correct 'url' and 'ca_file' in sspr.conf");
    return;
  }
  const WallClock clock;
  DeviceLink link(machine.client, **transport, clock);
  CheckService(machine, link, clock, report);
  if (!line.user.empty()) CheckUserAtService(machine, line.user, link, report);
}

Report Examine(const CommandLine& line, const std::string& root) {
  Report report;
  const MachineView view(root);
  const Result<Machine> machine = LoadMachine(root, line.config);
  if (machine.ok()) {
    report.Add(FindingId::kConfiguration, Level::kGood, "configuration", line.config + " is sound");
    CheckFiles(view, *machine, report);
    CheckEnrolment(view, *machine, report);
  } else {
    report.Add(FindingId::kConfiguration, Level::kFault, "configuration",
               machine.error().detail + ": no reset is offered until it is corrected",
               "docs/configuration.md lists the keys");
  }
  const std::set<std::string> sockets = CheckLogins(view, report);
  CheckDirectoryAccounts(view, report);
  if (!machine.ok()) return report;
  CheckPhases(view, *machine, report);
  if (!line.user.empty()) {
    CheckUser(view, *machine, {line.user, line.service}, WallClock(), report);
  }
  if (!line.offline) AskOthers(line, view, *machine, sockets, report);
  return report;
}

// What is not as it should be, for those who read the logs of a fleet.
void Log(const Report& report) {
  openlog("sspr-doctor", LOG_PID, LOG_AUTHPRIV);
  for (const Finding& finding : report.findings()) {
    if (finding.level < Level::kWarning) continue;
    std::string text;
    for (const std::string& subject : finding.subjects) text += subject + " ";
    text += finding.text;
    std::array<char, 900> shown{};
    FilterForDisplay(text, Lines::kOne, {shown.data(), shown.size() - 1});
    syslog(finding.level == Level::kFault ? LOG_ERR : LOG_WARNING, "%s %s",
           IdText(finding.id).c_str(), shown.data());
  }
  closelog();
}

int DoctorMain(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);

  CommandLine line;
  CLI::App app("Says what stands in the way of a password reset on this machine. Changes nothing.");
  app.set_version_flag("--version", std::string("sspr-doctor ") + SSPR_VERSION);
  app.add_option("--config", line.config, "The machine's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--root", line.root, "Where the machine's files are")
      ->type_name("DIR")
      ->capture_default_str();
  auto* const user = app.add_option("--user", line.user, "What would happen for this account");
  user->type_name("NAME");
  app.add_option("--service", line.service, "At this PAM service")
      ->type_name("NAME")
      ->capture_default_str()
      ->needs(user);
  app.add_flag("--offline", line.offline, "Look at files alone: ask no socket and no service");
  app.add_flag("--log", line.log, "Write warnings and faults to the journal too");
  app.add_flag("--json", line.json, "Print JSON");
  app.footer(
      "Exit codes: 0 nothing is in the way, 1 there are warnings, 2 something does not work, 3 "
      "wrong\nusage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kCannotLook;
  }
  const Result<std::string> root = RootFolder(line.root);
  if (!root.ok()) {
    std::fprintf(stderr, "sspr-doctor: %s\n", root.error().detail.c_str());
    return kCannotLook;
  }
  const Report report = Examine(line, *root);
  std::fputs((line.json ? report.AsJson() : report.AsText()).c_str(), stdout);
  if (line.log) Log(report);
  return report.code();
}

}  // namespace
}  // namespace sspr::doctor

int main(int argc, char** argv) {
  try {
    return sspr::doctor::DoctorMain(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sspr-doctor: %s\n", error.what());
    return 3;
  }
}
