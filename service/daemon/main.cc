// SPDX-License-Identifier: Apache-2.0
// sspr-service: the command line, and what a process that sees passwords owes its machine: no core,
// no tracing by its peers, no new privileges, private files.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "common/system/system_clock.h"
#include "service/daemon/daemon.h"
#include "service/demo/demo_service.h"
#include "service/engine/foundation.h"

namespace sspr::service {
namespace {

constexpr int kFailed = 1;
constexpr int kBadConfiguration = 2;

struct Options {
  std::string config_file = kDefaultConfigFile;
  bool check = false;
  std::string demo_folder;
  std::string listen;
  std::string smtp_url;
};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "sspr-service: %s\n", error.detail.c_str());
  return error.code == Errc::kPolicy ? kBadConfiguration : code;
}

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

int RunDemo(const Options& options) {
  DemoOptions demo;
  demo.folder = std::filesystem::absolute(options.demo_folder).lexically_normal().string();
  if (!options.listen.empty()) {
    auto listen = ParseListenAddress(options.listen);
    if (!listen) return Fail(listen.error(), kBadConfiguration);
    demo.listen = std::move(*listen);
  }
  if (!options.smtp_url.empty()) demo.smtp_url = options.smtp_url;
  auto config = PrepareDemo(demo);
  if (!config) return Fail(config.error(), kFailed);

  ServiceHooks hooks;
  hooks.on_bound = [&demo](ServiceConfig& bound) {
    bound.public_url = "https://localhost:" + std::to_string(bound.listen.port) + "/demo";
    return WriteDemoConfig(demo, bound);
  };
  hooks.on_open = [&demo](const ServiceConfig& open) -> Status {
    const SystemClock clock;
    EngineDependencies dependencies;
    dependencies.clock = &clock;
    const auto foundation = LayFoundation(open.engine, dependencies);
    if (!foundation) return foundation.error();
    if (Status filled = FillDemoDirectory(demo, *MakeAdmin(**foundation)); !filled) return filled;
    std::printf("Certificate authority: %s/ca.pem\nSSPR Login is ready at %s\n",
                demo.folder.c_str(), open.public_url.c_str());
    std::fflush(stdout);
    return Ok();
  };
  const Status ended = RunService(std::move(*config), hooks);
  return ended ? 0 : Fail(ended.error(), kFailed);
}

int RunConfigured(const Options& options) {
  auto config = LoadServiceConfig(options.config_file);
  if (!config) return Fail(config.error(), kBadConfiguration);
  if (options.check) {
    if (const Status good = CheckService(*config); !good) {
      return Fail(good.error(), kBadConfiguration);
    }
    std::printf("%s: the configuration is good.\n", options.config_file.c_str());
    return 0;
  }
  if (geteuid() == 0) {
    std::fprintf(stderr, "sspr-service: warning: it needs no root; run it as a user of its own\n");
  }
  const Status ended = RunService(std::move(*config), {});
  return ended ? 0 : Fail(ended.error(), kFailed);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("The service of SSPR Login: password resets and sign-in over HTTPS.");
  app.set_version_flag("--version", std::string("sspr-service ") + SSPR_VERSION);
  auto* const config = app.add_option("--config", options.config_file, "Configuration file")
                           ->type_name("FILE")
                           ->capture_default_str();
  app.add_flag("--check-config", options.check,
               "Check the configuration and the files it names, then end");
  auto* const demo =
      app.add_option("--demo", options.demo_folder,
                     "Start from nothing in this folder: own certificates, keys, a demo user")
          ->type_name("DIR")
          ->excludes(config);
  app.add_option(
         "--listen", options.listen,
         "With --demo: numeric address and port, 127.0.0.1:8443 by default; port 0 takes any")
      ->type_name("ADDRESS:PORT")
      ->needs(demo);
  app.add_option("--smtp", options.smtp_url,
                 "With --demo: mail server, smtp://127.0.0.1:2525 by default")
      ->type_name("URL")
      ->needs(demo);
  app.footer("Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage or configuration.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadConfiguration;
  }
  HardenProcess();
  return options.demo_folder.empty() ? RunConfigured(options) : RunDemo(options);
}

}  // namespace
}  // namespace sspr::service

int main(int argc, char** argv) {
  try {
    return sspr::service::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sspr-service: %s\n", error.what());
    return 1;
  }
}
