// SPDX-License-Identifier: Apache-2.0
// sspr-enroll: makes a machine a device of the service, without a person, as often as somebody
// likes to run it.
#include <json/value.h>
#include <json/writer.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "common/config/known_keys.h"
#include "pam_module/enroll/enroll_log.h"
#include "pam_module/enroll/enrolment.h"
#include "pam_module/enroll/token_input.h"
#include "pam_module/machine/machine_transport.h"

namespace sspr {
namespace {

constexpr int kNotEnrolledCode = 1;
constexpr int kUsageCode = 2;
constexpr int kNotReachedCode = 3;
constexpr int kRefusedCode = 4;
constexpr int kMachineCode = 5;

struct CommandLine {
  std::string config = kConfigurationFile;
  std::string root = "/";
  bool json = false;
  bool offline = false;
  std::string token_file = "-";
  std::string name;
  std::string kind = "p256";
  bool new_key = false;
  bool replace_permit_key = false;
  std::string keys_to;
  std::string keys_from;
};

int CodeOf(EnrolFault fault) {
  switch (fault) {
    case EnrolFault::kConfiguration:
      return kUsageCode;
    case EnrolFault::kNotReached:
      return kNotReachedCode;
    case EnrolFault::kRefused:
      return kRefusedCode;
    case EnrolFault::kMachine:
      return kMachineCode;
  }
  return kMachineCode;
}

void PrintJson(const Json::Value& object) {
  Json::StreamWriterBuilder compact;
  compact["indentation"] = "";
  std::printf("%s\n", Json::writeString(compact, object).c_str());
}

class Tool {
 public:
  Tool(const CommandLine& line, const EnrollLog& log) : line_(line), log_(log) {}

  int Enroll(Enrolment& enrolment) const {
    EnrolOptions options;
    if (!line_.name.empty()) options.name = line_.name;
    if (line_.kind == "ed25519") options.kind = DeviceKeyKind::kEd25519;
    options.new_key = line_.new_key;
    options.replace_permit_key = line_.replace_permit_key;
    const auto done =
        enrolment.Enrol(options, [this] { return ReadEnrolmentToken(line_.token_file); });
    if (const auto* const error = std::get_if<EnrolError>(&done)) return Fail(*error);
    const EnrolOutcome& outcome = *std::get_if<EnrolOutcome>(&done);
    if (outcome.enrolled_now) log_.Note(EnrollLogId::kEnrolled, "enrolled as " + outcome.device_id);
    return Done(outcome, outcome.enrolled_now ? "This machine is enrolled now."
                                              : "This machine was enrolled already.");
  }

  int Renew(Enrolment& enrolment) const {
    const auto done = enrolment.Renew(line_.keys_to);
    if (const auto* const error = std::get_if<EnrolError>(&done)) return Fail(*error);
    const EnrolOutcome& outcome = *std::get_if<EnrolOutcome>(&done);
    if (outcome.changed && !line_.keys_to.empty()) {
      return Done(outcome, "There are new keys of permits: sspr-enroll trust --keys-from " +
                               line_.keys_to + " takes them.");
    }
    return Taken(outcome, "This machine is enrolled, and nothing is new.");
  }

  int Trust(Enrolment& enrolment) const {
    const auto done = enrolment.Trust(line_.keys_from);
    if (const auto* const error = std::get_if<EnrolError>(&done)) return Fail(*error);
    return Taken(*std::get_if<EnrolOutcome>(&done), "These keys of permits are trusted already.");
  }

  int Status(Enrolment& enrolment) const {
    auto looked = enrolment.Look();
    if (const auto* const error = std::get_if<EnrolError>(&looked)) return Fail(*error);
    const MachineState& state = *std::get_if<MachineState>(&looked);
    if (!state.has_key) {
      return Not(state.begun ? "An enrolment was begun and did not end: run sspr-enroll enroll "
                               "again, with the same token."
                             : "This machine is not enrolled: run sspr-enroll enroll, with a "
                               "token.");
    }
    if (!state.complete()) {
      return Not(
          "The key of this machine is there, but not its device id or the key of permits: "
          "run sspr-enroll enroll again.");
    }
    if (line_.offline) {
      return Done({.device_id = state.device_id},
                  "This machine holds all that an enrolled one does. The service was not asked.");
    }
    auto asked = enrolment.Ask();
    if (const auto* const error = std::get_if<EnrolError>(&asked)) return Fail(*error);
    return Done(*std::get_if<EnrolOutcome>(&asked), "This machine is enrolled.");
  }

  int Unenroll(Enrolment& enrolment) const {
    const auto done = enrolment.Unenrol();
    if (const auto* const error = std::get_if<EnrolError>(&done)) return Fail(*error);
    const EnrolOutcome& outcome = *std::get_if<EnrolOutcome>(&done);
    if (!outcome.changed) return Done(outcome, "This machine was not enrolled.", false);
    log_.Note(EnrollLogId::kUnenrolled, "no longer enrolled");
    return Done(outcome,
                "This machine is no longer enrolled. Have the service forget it too: ssprctl "
                "devices revoke " +
                    (outcome.device_id.empty() ? "ID" : outcome.device_id),
                false);
  }

  int Fail(const EnrolError& error) const {
    log_.Note(error.id, error.text);
    const int code = CodeOf(error.fault);
    if (line_.json) {
      Json::Value object(Json::objectValue);
      object["enrolled"] = false;
      object["code"] = code;
      object["id"] = IdOf(error.id);
      object["error"] = error.text;
      PrintJson(object);
    } else {
      std::fprintf(stderr, "sspr-enroll: %s\n", error.text.c_str());
    }
    return code;
  }

 private:
  int Taken(const EnrolOutcome& outcome, const std::string& nothing_new) const {
    if (!outcome.changed) return Done(outcome, nothing_new);
    log_.Note(EnrollLogId::kKeysRenewed, "new keys of permits are trusted");
    return Done(outcome, "New keys of permits are trusted from now on.");
  }

  static std::string IdOf(EnrollLogId id) {
    char text[16];
    std::snprintf(text, sizeof text, "SSPR-E%03d", static_cast<int>(id));
    return text;
  }

  int Not(const std::string& text) const {
    if (line_.json) {
      Json::Value object(Json::objectValue);
      object["enrolled"] = false;
      object["code"] = kNotEnrolledCode;
      object["error"] = text;
      PrintJson(object);
    } else {
      std::puts(text.c_str());
    }
    return kNotEnrolledCode;
  }

  int Done(const EnrolOutcome& outcome, const std::string& text, bool enrolled = true) const {
    if (!line_.json) {
      std::puts(text.c_str());
      if (!outcome.device_id.empty()) std::printf("Device: %s\n", outcome.device_id.c_str());
      return 0;
    }
    Json::Value object(Json::objectValue);
    object["enrolled"] = enrolled;
    object["code"] = 0;
    object["changed"] = outcome.changed;
    object["device_id"] = outcome.device_id;
    if (outcome.settings) {
      object["devices_required"] = outcome.settings->devices_required;
      object["required_gates"] = outcome.settings->required_gates;
      object["heartbeat_seconds"] = outcome.settings->heartbeat_seconds;
    }
    PrintJson(object);
    return 0;
  }

  const CommandLine& line_;
  const EnrollLog& log_;
};

using Verb = int (Tool::*)(Enrolment&) const;

int Work(const CommandLine& line, Verb verb) {
  const Result<std::string> root = RootFolder(line.root);
  const EnrollLog log(!root.ok() || !root->empty());
  const Tool tool(line, log);
  const auto wrong = [&](const Error& error) {
    return tool.Fail(
        {EnrolFault::kConfiguration, EnrollLogId::kConfigurationRefused, error.detail + "."});
  };
  if (!root.ok()) return wrong(root.error());
  const Result<Machine> machine = LoadMachine(*root, line.config);
  if (!machine.ok()) return wrong(machine.error());
  auto transport = OpenTransportOf(*machine, "sspr-enroll");
  if (!transport.ok()) {
    return tool.Fail({EnrolFault::kMachine, EnrollLogId::kMachineFault,
                      transport.error().detail + ": is 'url' in sspr.conf an https address?"});
  }
  const WallClock clock;
  Enrolment enrolment(*machine, **transport, clock);
  return (tool.*verb)(enrolment);
}

void AddVerbs(CLI::App& app, CommandLine& line, Verb& verb) {
  auto* const enroll = app.add_subcommand(
      "enroll", "Make this machine a device of the service; do nothing when it is one already");
  enroll
      ->add_option("--token-file", line.token_file,
                   "The enrolment token, on the file's first line; - is standard input")
      ->type_name("FILE")
      ->capture_default_str();
  enroll->add_option("--name", line.name, "What the service calls this machine (its host name)")
      ->type_name("NAME")
      ->check([](const std::string& name) {
        return name.empty() || name.size() > 64 ? "must have 1 to 64 bytes" : "";
      });
  enroll->add_option("--key-type", line.kind, "Of a key that has to be made: p256 or ed25519")
      ->type_name("KIND")
      ->capture_default_str()
      ->check(CLI::IsMember({"p256", "ed25519"}));
  enroll->add_flag("--new-key", line.new_key, "Enrol with another key than the one that is there");
  enroll->add_flag("--replace-permit-key", line.replace_permit_key,
                   "Trust the service's key of permits instead of the one that is installed");
  enroll->callback([&verb] { verb = &Tool::Enroll; });
  auto* const status = app.add_subcommand("status", "Say whether this machine is enrolled");
  status->add_flag("--offline", line.offline, "Look at the files alone, do not ask the service");
  status->callback([&verb] { verb = &Tool::Status; });
  auto* const renew = app.add_subcommand(
      "renew", "Tell the service that this machine lives, and take new permit keys");
  renew
      ->add_option("--keys-to", line.keys_to,
                   "Leave new permit keys in this file for 'trust', take none: needs no root")
      ->type_name("FILE");
  renew->callback([&verb] { verb = &Tool::Renew; });
  auto* const trust = app.add_subcommand(
      "trust", "Take the permit keys that 'renew --keys-to' left, by the signatures of known ones");
  trust->add_option("--keys-from", line.keys_from, "The file; who wrote it need not be trusted")
      ->type_name("FILE")
      ->required();
  trust->callback([&verb] { verb = &Tool::Trust; });
  app.add_subcommand("unenroll", "Forget the key and what came with it")->callback([&verb] {
    verb = &Tool::Unenroll;
  });
}

int EnrollMain(int argc, char** argv) {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);

  CommandLine line;
  Verb verb = nullptr;
  CLI::App app("Enrols a machine with the service of SSPR Login.");
  app.set_version_flag("--version", std::string("sspr-enroll ") + SSPR_VERSION);
  app.add_option("--config", line.config, "The machine's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--root", line.root, "Where the machine's files are")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_flag("--json", line.json, "Print JSON");
  app.fallthrough();
  app.require_subcommand(1);
  AddVerbs(app, line, verb);
  app.footer(
      "Exit codes: 0 done, 1 not enrolled (status), 2 wrong usage or configuration, 3 the service "
      "was\nnot reached (try again later), 4 the service refused, 5 a fault of this machine.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageCode;
  }
  return Work(line, verb);
}

}  // namespace
}  // namespace sspr

int main(int argc, char** argv) {
  try {
    return sspr::EnrollMain(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sspr-enroll: %s\n", error.what());
    return 5;
  }
}
