// SPDX-License-Identifier: Apache-2.0
// ssprctl backup, restore.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "common/system/system_clock.h"
#include "service/admin/commands.h"
#include "service/store/backup.h"
#include "service/store/database_target.h"
#include "service/store/flow_store.h"
#include "service/store/restored_state.h"

namespace sspr::service {
namespace {

// On a terminal only: a line that counts up.
Progress ShowProgress(const char* what) {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [what, shown = -1](int percent) mutable {
    if (percent == shown) return;
    shown = percent;
    std::fprintf(stderr, "\r%s %3d %%%s", what, percent, percent == 100 ? "\n" : "");
    std::fflush(stderr);
  };
}

Error UsePostgresqlsTools(const char* how) {
  return {Errc::kPolicy, std::string("the database is on a PostgreSQL server: ") + how};
}

Status BackUp(const ServiceConfig& config, const std::string& file, const Output& output) {
  if (DialectOf(config.engine.database) == Dialect::kPostgresql) {
    return UsePostgresqlsTools(
        "back it up with its own pg_dump --format=custom, which works while the service runs");
  }
  Status done = BackUpSqlite(config.engine.database, file, ShowProgress("Copied"));
  if (!done) return done;
  output.ShowDone(file + " holds the database as it was a moment ago. Keep " +
                  config.engine.secrets_key_file +
                  " as well, in another place: nothing in it can be read without that key.");
  return Ok();
}

void ShowRestored(const RestoreReport& report, const Output& output) {
  Json::Value object(Json::objectValue);
  object["restored"] = true;
  object["replaced_database"] = report.aside;
  object["lost_codes"] = Json::Value(Json::arrayValue);
  for (const std::string& name : report.lost_codes) object["lost_codes"].append(name);
  if (output.json()) {
    output.ShowObject(object, {});
    return;
  }
  if (!report.aside.empty()) {
    output.ShowDone("The database that was there is now " + report.aside + ".");
  }
  output.ShowDone(
      "The older state is in force. Nobody is signed in, no reset is under way, and no code that "
      "was "
      "used since works again. Passwords, users, policy and what was revoked are as they were "
      "then: "
      "repeat what the audit says was changed since.");
  if (report.lost_codes.empty()) return;
  output.ShowDone(
      std::to_string(report.lost_codes.size()) +
      " people lost their recovery codes or their pass, because some may have been used "
      "since. Tell them to make new ones:");
  for (const std::string& name : report.lost_codes) output.ShowDone("  " + name);
}

Status VoidOnly(const ServiceConfig& config, const Output& output) {
  auto database = SqlDatabase::Open(config.engine.database, 1,
                                    {.password_file = config.engine.database_password_file});
  if (!database) return database.error();
  try {
    ShowRestored({.aside = {}, .lost_codes = VoidRestoredState(**database, SystemClock().Now())},
                 output);
    return Ok();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
}

Status Restore(const ServiceConfig& config, const std::string& file, const Output& output) {
  if (DialectOf(config.engine.database) == Dialect::kPostgresql) {
    return UsePostgresqlsTools(
        "stop every service, restore it with pg_restore --clean, then run ssprctl restore "
        "--after-pg-restore");
  }
  const auto report =
      RestoreSqlite(file, config.engine.database, SystemClock().Now(), ShowProgress("Restored"));
  if (!report) return report.error();
  ShowRestored(*report, output);
  return Ok();
}

}  // namespace

void AddBackupCommands(CLI::App& app, ConfigCommand& chosen) {
  const auto file = std::make_shared<std::string>();
  auto* const backup =
      app.add_subcommand("backup", "Copy the database into a file while the service runs (SQLite)");
  backup->add_option("FILE", *file, "New file")->required();
  backup->callback([&chosen, file] {
    chosen = [file](const ServiceConfig& config, const Output& output) {
      return BackUp(config, *file, output);
    };
  });

  const auto after = std::make_shared<bool>(false);
  auto* const restore = app.add_subcommand(
      "restore",
      "Put a backup in the place of the database; the service must be stopped. What works once, "
      "and may have been used since, is void");
  auto* const from = restore->add_option("FILE", *file, "File of ssprctl backup");
  auto* const flag = restore->add_flag(
      "--after-pg-restore", *after, "Void it in a PostgreSQL database that pg_restore has filled");
  flag->excludes(from);
  restore->callback([&chosen, file, after] {
    if (file->empty() && !*after) throw CLI::RequiredError("FILE");
    chosen = [file, after](const ServiceConfig& config, const Output& output) {
      return *after ? VoidOnly(config, output) : Restore(config, *file, output);
    };
  });
}

}  // namespace sspr::service
