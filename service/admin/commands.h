// SPDX-License-Identifier: Apache-2.0
// The sub-commands of ssprctl. Each file adds its family to the command line; parsing chooses one
// command, main opens the database and runs it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "common/base/result.h"
#include "service/admin/output.h"
#include "service/config/service_config.h"
#include "service/engine/admin_service.h"

namespace sspr::service {

struct Foundation;
struct ServiceConfig;

using Command = std::function<Status(AdminService& admin, const Output& output)>;
class OperatorAccounts;
using OperatorCommand = std::function<Status(OperatorAccounts& accounts, const Output& output)>;
// One on what the administration itself stands on: tables, audit, keys.
using FoundationCommand = std::function<Status(Foundation& foundation, const Output& output)>;
// One on key files that only the configuration names.
using KeyFileCommand = std::function<Status(const ServiceConfig& config, Foundation& foundation,
                                            const Output& output)>;
// One that needs no database.
using OfflineCommand = std::function<Status(const Output& output)>;

// One that opens the database itself, or its file.
using ConfigCommand = std::function<Status(const ServiceConfig& config, const Output& output)>;
// One that decides about the exit code itself.
using CodeCommand = std::function<int(const ServiceConfig& config, const Output& output)>;
// One on what stands beside the administration of users.
struct Foundation;
using FoundationCommand = std::function<Status(Foundation& foundation, const Output& output)>;

// chosen outlives the app; the options of the commands live in the commands.
void AddUserCommands(CLI::App& app, Command& chosen);
void AddMethodCommands(CLI::App& app, Command& chosen);
void AddPolicyCommands(CLI::App& app, Command& chosen);
void AddBannedCommands(CLI::App& app, Command& chosen);
void AddBreachedCommands(CLI::App& app, OfflineCommand& chosen);
void AddClientCommands(CLI::App& app, Command& chosen);
void AddCampaignCommands(CLI::App& app, Command& chosen, FoundationCommand& on_foundation);
void AddRiskCommands(CLI::App& app, Command& chosen, FoundationCommand& on_foundation);
void AddDeviceCommands(CLI::App& app, FoundationCommand& chosen);
void AddOperatorCommands(CLI::App& app, OperatorCommand& chosen);
void AddBackupCommands(CLI::App& app, ConfigCommand& chosen);
void AddDoctorCommand(CLI::App& app, CodeCommand& chosen);
void AddAuditCommands(CLI::App& app, FoundationCommand& chosen);
void AddKeyCommands(CLI::App& app, FoundationCommand& chosen, KeyFileCommand& on_files);

}  // namespace sspr::service
