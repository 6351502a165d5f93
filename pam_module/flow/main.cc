// SPDX-License-Identifier: Apache-2.0
// sspr-flow: the unprivileged program that leads one person through one reset. The login's module
// connects, the socket unit (or any inetd-style superserver) starts us with the connection as
// standard input.
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string>

#include "common/client/machine_log.h"
#include "common/config/client_config.h"
#include "common/config/known_keys.h"
#include "pam_module/flow/confinement.h"
#include "pam_module/flow/serve.h"

namespace {

constexpr char kUsage[] =
    "Usage: sspr-flow [--config FILE]                 serve the connection on standard input\n"
    "       sspr-flow [--config FILE] --recover       settle resets that were cut off\n"
    "       sspr-flow [--config FILE] --check-config  say whether the configuration is sound\n"
    "       sspr-flow --help | --version\n"
    "\n"
    "Leads one person through the reset of a forgotten password. Started by its socket unit, not\n"
    "by hand; the configuration is /etc/sspr/sspr.conf unless --config names another.\n"
    "\n"
    "Exit codes: 0 done, 1 something is still open or the connection was refused, 2 not "
    "possible.\n";

enum class Mode { kServe, kRecover, kCheckConfig, kHelp, kVersion, kWrongUse };

struct Options {
  Mode mode = Mode::kServe;
  std::string config = sspr::kConfigurationFile;
};

// The process leaves its working directory before it reads the file. A file that is not there keeps
// its name, for the message.
std::string Absolute(const char* path) {
  std::array<char, PATH_MAX> whole{};
  return realpath(path, whole.data()) != nullptr ? whole.data() : path;
}

Options ReadOptions(int argc, char** argv) {
  static constexpr option kOptions[] = {
      {"config", required_argument, nullptr, 'c'}, {"recover", no_argument, nullptr, 'r'},
      {"check-config", no_argument, nullptr, 'k'}, {"help", no_argument, nullptr, 'h'},
      {"version", no_argument, nullptr, 'v'},      {nullptr, 0, nullptr, 0},
  };
  Options options;
  int found = 0;
  while ((found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1) {
    if (found == 'c') {
      options.config = Absolute(optarg);
    } else if (found == 'r') {
      options.mode = Mode::kRecover;
    } else if (found == 'k') {
      options.mode = Mode::kCheckConfig;
    } else if (found == 'h') {
      options.mode = Mode::kHelp;
    } else if (found == 'v') {
      options.mode = Mode::kVersion;
    } else {
      options.mode = Mode::kWrongUse;
      return options;
    }
  }
  if (optind != argc) options.mode = Mode::kWrongUse;
  return options;
}

void Say(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
}

int CheckConfig(const std::string& path) {
  const auto config = sspr::LoadClientConfig(path);
  if (config.ok()) {
    Say(path + ": sound");
    return 0;
  }
  std::fprintf(stderr, "%s\n", config.error().detail.c_str());
  return 2;
}

int Work(const Options& options) {
  const bool recover = options.mode == Mode::kRecover;
  const sspr::Status tidy = sspr::TidyProcess(recover);
  const sspr::MachineLog log("sspr-flow");
  if (!tidy.ok()) {
    log.Fault(sspr::LogId::kNotConfined, tidy.error().detail);
    return 2;
  }
  try {
    return recover ? sspr::Recover(options.config, log, Say)
                   : sspr::ServeConnection(options.config, log);
  } catch (const std::exception& fault) {
    log.Fault(sspr::LogId::kInternalFault, fault.what());
    return 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = ReadOptions(argc, argv);
  switch (options.mode) {
    case Mode::kServe:
    case Mode::kRecover:
      return Work(options);
    case Mode::kCheckConfig:
      return CheckConfig(options.config);
    case Mode::kHelp:
      std::fputs(kUsage, stdout);
      return 0;
    case Mode::kVersion:
      std::puts("sspr-flow " SSPR_VERSION);
      return 0;
    case Mode::kWrongUse:
      std::fputs("Try sspr-flow --help.\n", stderr);
      return 2;
  }
  return 2;
}
