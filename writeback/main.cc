// SPDX-License-Identifier: Apache-2.0
// sspr-writeback: the command line, and the threads that ask the service for work. It listens to
// nobody: every connection is made by it.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>
#include <vector>

#include "common/http/curl_library.h"
#include "common/protocol/base64url.h"
#include "common/system/system_clock.h"
#include "service/directory/try_directory.h"
#include "writeback/agent_link.h"
#include "writeback/agent_log.h"
#include "writeback/agent_state.h"
#include "writeback/code_input.h"
#include "writeback/job_worker.h"
#include "writeback/lanes.h"

namespace sspr {
namespace {

constexpr int kUsage = 2;
constexpr int kNotReached = 3;
constexpr int kRefused = 4;
constexpr int kMachine = 5;

struct CommandLine {
  std::string config = kAgentConfigFile;
  std::string code_file = "-";
  bool new_key = false;
};

void HardenProcess() {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef SSPR_SANITIZED  // the leak check has to trace its own process
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

int Fail(AgentLogId id, const std::string& text, int code) {
  NoteAgent(id, text);
  return code;
}

int FailAtService(const Error& error) {
  if (error.code == Errc::kDenied) {
    return Fail(AgentLogId::kRefused, "the service refused: " + error.detail, kRefused);
  }
  if (error.code == Errc::kInternal) return Fail(AgentLogId::kMachineFault, error.detail, kMachine);
  return Fail(AgentLogId::kNotReached, "the service is not reached: " + error.detail, kNotReached);
}

int Register(const CommandLine& line, const AgentConfig& config) {
  const auto state = AgentState::Open(config.folder);
  if (!state.ok()) return Fail(AgentLogId::kMachineFault, state.error().detail, kMachine);
  const Result<Secret> code = ReadRegistrationCode(line.code_file);
  if (!code.ok()) {
    return Fail(AgentLogId::kConfigurationRefused, "the code: " + code.error().detail, kUsage);
  }
  if (const Status made = (*state)->MakeKeys(line.new_key); !made.ok()) {
    return Fail(AgentLogId::kMachineFault, made.error().detail, kMachine);
  }
  Result<DeviceKey> key = (*state)->LoadKey();
  if (!key.ok()) return Fail(AgentLogId::kMachineFault, key.error().detail, kMachine);
  const Result<SealingKey> sealing = (*state)->LoadSealingKey();
  if (!sealing.ok()) return Fail(AgentLogId::kMachineFault, sealing.error().detail, kMachine);
  const SystemClock clock;
  const auto link = AgentLink::Make(config, std::move(*key), clock, -1);
  if (!link.ok()) return Fail(AgentLogId::kMachineFault, link.error().detail, kMachine);
  const Result<std::string> id = (*link)->Register(*code, sealing->Public(), config.name);
  if (!id.ok()) return FailAtService(id.error());
  NoteAgent(AgentLogId::kRegistered, "registered as " + *id);
  std::printf("This agent is registered now.\nAgent: %s\n", id->c_str());
  return 0;
}

// The configuration, and whether the directory can be used with it.
int Check(const CommandLine& line, const AgentConfig& config) {
  const SystemClock clock;
  if (const Status tried = service::TryDirectory(config.directory, clock); !tried.ok()) {
    return Fail(AgentLogId::kConfigurationRefused, tried.error().detail, kUsage);
  }
  const AgentRuleSettings& allow = config.allow;
  std::printf("%s: the configuration is good.\nreset: %s\nunlock: %s\nsign-in: %s\n",
              line.config.c_str(), allow.reset ? "allowed" : "not allowed (reset = yes is missing)",
              allow.unlock ? "allowed" : "not allowed (unlock = yes is missing)",
              allow.sign_in ? "allowed" : "not allowed (sign_in = no)");
  return 0;
}

int Run(const CommandLine&, const AgentConfig& config) {
  // Before there are threads: only this one is told.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto state = AgentState::Open(config.folder);
  if (!state.ok()) return Fail(AgentLogId::kMachineFault, state.error().detail, kMachine);
  if (!(*state)->HasKeys()) {
    return Fail(AgentLogId::kRefused,
                "this agent is not registered: run sspr-writeback register, with a code of "
                "'ssprctl writeback code'",
                kRefused);
  }
  Result<DeviceKey> key = (*state)->LoadKey();
  if (!key.ok()) return Fail(AgentLogId::kMachineFault, key.error().detail, kMachine);
  Result<SealingKey> sealing = (*state)->LoadSealingKey();
  if (!sealing.ok()) return Fail(AgentLogId::kMachineFault, sealing.error().detail, kMachine);
  const SystemClock clock;
  const std::string id = Hex(key->Public().thumbprint());
  auto worker = JobWorker::Make(config, (*state)->LedgerFile(), id, std::move(*sealing), clock);
  if (!worker.ok()) return Fail(AgentLogId::kMachineFault, worker.error().detail, kMachine);
  auto lanes = Lanes::Start(config, **state, **worker, clock);
  if (!lanes.ok()) return Fail(AgentLogId::kMachineFault, lanes.error().detail, kMachine);
  NoteAgent(AgentLogId::kStarted, "started as " + id);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}

int Main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Sets passwords in a directory on the premises, on behalf of sspr-service.");
  app.set_version_flag("--version", std::string("sspr-writeback ") + SSPR_VERSION);
  app.add_option("--config", line.config, "Configuration file")
      ->type_name("FILE")
      ->capture_default_str();
  app.fallthrough();
  app.require_subcommand(1);
  int (*verb)(const CommandLine&, const AgentConfig&) = Run;
  app.add_subcommand("run", "Ask the service for work until SIGTERM")->callback([&verb] {
    verb = Run;
  });
  auto* const registering =
      app.add_subcommand("register", "Make this agent known to the service, with a one-time code");
  registering->callback([&verb] { verb = Register; });
  registering->add_option("--code-file", line.code_file, "File with the code; - is standard input")
      ->type_name("FILE")
      ->capture_default_str();
  registering->add_flag("--new-key", line.new_key, "Replace the keys of this agent");
  app.add_subcommand("check", "Check the configuration and try the directory, read-only")
      ->callback([&verb] { verb = Check; });
  app.footer(
      "Exit codes: 0 done or stopped as asked, 1 failed, 2 wrong usage or configuration, 3 the "
      "service was\nnot reached, 4 the service refused or the agent is not registered, 5 a fault "
      "of this machine.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  HardenProcess();
  if (const Status ready = InitialiseCurl(); !ready.ok()) {
    return Fail(AgentLogId::kMachineFault, ready.error().detail, kMachine);
  }
  const Result<AgentConfig> config = LoadAgentConfig(line.config);
  if (!config.ok()) {
    return Fail(AgentLogId::kConfigurationRefused, config.error().detail, kUsage);
  }
  return verb(line, *config);
}

}  // namespace
}  // namespace sspr

int main(int argc, char** argv) {
  try {
    return sspr::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sspr-writeback: %s\n", error.what());
    return 1;
  }
}
