// SPDX-License-Identifier: Apache-2.0
// ssprctl: users, methods, policy, clients and audit of the service, directly on its database,
// while the service runs or not.
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>

#include "common/base/text.h"
#include "common/system/system_clock.h"
#include "service/admin/commands.h"
#include "service/admin/follower_commands.h"
#include "service/admin/writeback_commands.h"
#include "service/audit/audit_keeper.h"
#include "service/config/service_config.h"
#include "service/engine/foundation.h"
#include "service/operators/operator_accounts.h"
#include "service/policy/user_name.h"

namespace sspr::service {
namespace {

constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kDatabase = 3;

int ExitCode(Errc code) {
  switch (code) {
    case Errc::kInternal:
      return kDatabase;
    case Errc::kCancelled:
    case Errc::kTimedOut:
    case Errc::kUnreachable:
    case Errc::kDenied:
    case Errc::kPolicy:
    case Errc::kExpired:
    case Errc::kProtocol:
      return kRefused;
  }
  return kRefused;
}

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "ssprctl: %s\n", error.detail.c_str());
  return code;
}

struct Options {
  std::string config_file = kDefaultConfigFile;
  std::string database;
  bool json = false;
};

Result<ServiceConfig> Configure(const Options& options) {
  if (options.database.empty()) return LoadServiceConfig(options.config_file);
  ServiceConfig config;
  const auto folder = std::filesystem::absolute(options.database).parent_path();
  UseDataFolder(folder.string(), config);
  config.engine.database = options.database;
  return config;
}

int Initialise(const ServiceConfig& config) {
  if (const Status made = CreateMissingKeys(config); !made) return Fail(made.error(), kDatabase);
  std::printf(
      "The keys are there. Install %s on the machines.\n",
      std::filesystem::path(config.engine.permit_key_file).replace_extension(".pub").c_str());
  return 0;
}

// The name of somebody in the directory, for "users adopt".
Status Adopt(Foundation& foundation, const std::string& typed, const Output& output) {
  const std::optional<std::string> name = CanonicalUserName(typed);
  if (!name) return Error{Errc::kDenied, "the directory knows nobody of that name"};
  Status done = foundation.directory->Adopt(*name);
  if (done) output.ShowDone("The user is known now: add methods with 'ssprctl methods'.");
  return done;
}

// Who runs this, for the audit.
std::string ActorName() {
  const char* const by_sudo = std::getenv("SUDO_USER");
  const passwd* const account = getpwuid(getuid());
  std::string name = account != nullptr ? account->pw_name : std::to_string(getuid());
  if (getuid() == 0 && by_sudo != nullptr && IsCarriableUserName(by_sudo)) name = by_sudo;
  return "ssprctl:" + name;
}

// What was chosen of the commands that need the database.
struct Chosen {
  Command command;
  OperatorCommand for_operators;
  std::string adopted;
  FoundationCommand on_foundation;
  KeyFileCommand on_key_files;
};

int Run(const ServiceConfig& config, const Chosen& chosen, const Output& output) {
  const SystemClock clock;
  EngineDependencies dependencies;
  dependencies.clock = &clock;
  EngineSettings settings = config.engine;
  settings.public_url = config.public_url;
  const auto foundation = LayFoundation(settings, dependencies);
  if (!foundation) return Fail(foundation.error(), kDatabase);
  AuditLog& audit = *(*foundation)->audit;
  audit.SetActor(ActorName());
  // What this process records goes to the syslog server from here; it waits no longer than the
  // keeper's farewell.
  std::optional<AuditKeeper> keeper;
  if (config.syslog) {
    keeper.emplace(audit, *(*foundation)->database, config.syslog, [](std::string_view line) {
      std::fprintf(stderr, "ssprctl: %.*s\n", static_cast<int>(line.size()), line.data());
    });
    audit.SetListener([&keeper](const std::vector<AuditEvent>&) { keeper->Notice(); });
  }
  Status done = Ok();
  if (!chosen.adopted.empty()) {
    done = Adopt(**foundation, chosen.adopted, output);
  } else if (chosen.for_operators) {
    OperatorAccounts accounts(**foundation);
    done = chosen.for_operators(accounts, output);
  } else if (chosen.on_key_files) {
    done = chosen.on_key_files(config, **foundation, output);
  } else if (chosen.on_foundation) {
    done = chosen.on_foundation(**foundation, output);
  } else {
    done = chosen.command(*MakeAdmin(**foundation), output);
  }
  return done ? 0 : Fail(done.error(), ExitCode(done.error().code));
}

int Main(int argc, char** argv) {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);

  Options options;
  Chosen chosen;
  Command& command = chosen.command;
  FoundationCommand& on_foundation = chosen.on_foundation;
  OfflineCommand offline;
  ConfigCommand on_files;
  CodeCommand examination;
  CLI::App app("Administers the service of SSPR Login.");
  app.set_version_flag("--version", std::string("ssprctl ") + SSPR_VERSION);
  auto* const config_option =
      app.add_option("--config", options.config_file, "The service's configuration")
          ->type_name("FILE")
          ->capture_default_str();
  app.add_option("--database", options.database,
                 "Database, with keys and audit file beside it, instead of a configuration")
      ->type_name("FILE")
      ->excludes(config_option);
  app.add_flag("--json", options.json, "Print JSON");
  app.fallthrough();
  app.require_subcommand(1);
  auto* const init = app.add_subcommand("init", "Make the keys that are missing");
  AddUserCommands(app, command);
  app.get_subcommand("users")
      ->add_subcommand("adopt", "Let methods be added for somebody of an LDAP directory")
      ->add_option("USER", chosen.adopted, "User name in the directory")
      ->required();
  AddMethodCommands(app, command);
  AddPolicyCommands(app, command);
  AddBannedCommands(app, command);
  AddBreachedCommands(app, offline);
  AddCampaignCommands(app, command, on_foundation);
  AddClientCommands(app, command);
  AddRiskCommands(app, command, on_foundation);
  AddDeviceCommands(app, on_foundation);
  AddWritebackCommands(app, on_foundation);
  AddFollowerCommands(app, on_foundation);
  AddAuditCommands(app, on_foundation);
  AddOperatorCommands(app, chosen.for_operators);
  AddBackupCommands(app, on_files);
  AddDoctorCommand(app, examination);
  AddKeyCommands(app, chosen.on_foundation, chosen.on_key_files);
  app.footer(
      "Exit codes: 0 done, 1 refused, 2 wrong usage or configuration, 3 database or keys, 4 "
      "warnings "
      "of doctor.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (offline) {
    const Status done = offline(Output(options.json));
    return done ? 0 : Fail(done.error(), ExitCode(done.error().code));
  }
  const auto config = Configure(options);
  if (!config) return Fail(config.error(), kUsage);
  if (examination) return examination(*config, Output(options.json));
  if (on_files) {
    const Status done = on_files(*config, Output(options.json));
    return done ? 0 : Fail(done.error(), ExitCode(done.error().code));
  }
  return init->parsed() ? Initialise(*config) : Run(*config, chosen, Output(options.json));
}

}  // namespace
}  // namespace sspr::service

int main(int argc, char** argv) {
  try {
    return sspr::service::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ssprctl: %s\n", error.what());
    return 3;
  }
}
