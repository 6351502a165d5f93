// SPDX-License-Identifier: Apache-2.0
// sspr-flow.exe: leads one person through one reset. The login screen starts it, with its two pipes
// as standard input and output; it has no window, no arguments that change what it does, and ends
// with the job that it was put into.
#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/client/begin_frame.h"
#include "common/client/flow_session.h"
#include "common/client/resume_key.h"
#include "common/system/system_clock.h"
#include "credprov_win/flow/registry_config.h"
#include "credprov_win/http/winhttp_transport.h"
#include "credprov_win/machine/enrolment_record.h"
#include "credprov_win/machine/process_rules.h"
#include "credprov_win/machine/resume_secret.h"

namespace sspr {
namespace {

constexpr int kConnection = 0;

// Without a key the service decides whether it answers.
void ProveDevice(const ClientConfig& config, const Clock& clock, const MachineLog& log,
                 ServiceClient& service) {
  Result<std::optional<DeviceKey>> key = LoadEnrolledKey();
  if (!key.ok()) {
    log.Fault(LogId::kNoDeviceKey, key.error().detail);
  } else if (*key) {
    service.ProveWith(DeviceProver(std::move(**key), config.base_url, clock));
  }
}

// The login screen gives us a pipe to sspr-setpw.exe in the place of standard error for an account
// of this computer, and nothing for one of a directory. Nothing is ever printed into it.
std::string TakeSetpwPipe() {
  const HANDLE given = GetStdHandle(STD_ERROR_HANDLE);
  HANDLE own = nullptr;
  const bool is_pipe =
      given != nullptr && given != INVALID_HANDLE_VALUE && GetFileType(given) == FILE_TYPE_PIPE;
  if (is_pipe) {
    DuplicateHandle(GetCurrentProcess(), given, GetCurrentProcess(), &own, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    SetStdHandle(STD_ERROR_HANDLE, nullptr);
    static_cast<void>(std::freopen("NUL", "w", stderr));
  }
  return own != nullptr ? std::to_string(reinterpret_cast<std::intptr_t>(own)) : std::string();
}

void ServeFlow(HostLink& host, const Texts& texts, const BeginFrame& begin,
               const ClientConfig& config, const std::string& setpw_pipe, const MachineLog& log) {
  HttpSettings settings;
  settings.base_url = config.base_url;
  settings.user_agent = "sspr-flow/" SSPR_VERSION " (Windows)";
  settings.watched_fd = host.watched_fd();
  const auto open = [settings, &log]() -> std::unique_ptr<HttpTransport> {
    Result<std::unique_ptr<HttpTransport>> transport = OpenWinHttp(settings);
    if (transport.ok()) return std::move(transport).value();
    log.Fault(LogId::kTransportMissing, transport.error().detail);
    return nullptr;
  };
  // Only an enrolled computer has a secret; without one an interrupted reset begins anew.
  std::vector<unsigned char> resume_key;
  if (const auto secret = ReadResumeSecret(kResumeSecretKey)) {
    resume_key = ResumeKey(*secret, begin.user, begin.terminal);
  }
  ServiceClient service(open, config.client_id, std::move(resume_key), log);
  const SystemClock clock;
  ProveDevice(config, clock, log, service);
  FlowSession* running = nullptr;
  SetpwLink setpw(
      setpw_pipe,
      [&running] {
        if (running != nullptr) running->KeepHostWaiting();
      },
      log);
  const bool own = !setpw_pipe.empty();
  // What is typed at a login screen may be a password: no name is logged.
  FlowSession session(host, service, setpw, texts, clock, log,
                      own ? "an account of this computer" : "an account of the directory");
  running = &session;
  session.Run({.user = begin.user,
               .service_username = ServiceNameOf(config, begin.user),
               .in_local_files = own,
               .min_gates = config.min_gates,
               .draws_codes = false,
               .in_windows = own});
}

int Serve(const std::string& setpw_pipe, const MachineLog& log) {
  HostLink host(kConnection);
  const std::optional<BeginFrame> begin = ReadBegin(host);
  if (!begin) {
    log.Warning(LogId::kHostBrokeProtocol, "the connection did not begin as agreed");
    return 1;
  }
  host.TakeManyLines(begin->many_lines);
  const Result<ClientConfig> config = LoadRegistryConfig();
  if (!config.ok()) {
    log.Fault(LogId::kConfigurationRefused, config.error().detail);
    EndWith(host, Texts(LanguageOf(begin->language, Language::kEnglish), "", ""),
            TextId::kBadConfiguration);
    return 1;
  }
  const Language fallback = LanguageOf(config->language, Language::kEnglish);
  const Texts texts(LanguageOf(begin->language, fallback), config->product_name, config->helpdesk);
  if (!IsCarriableUserName(begin->user)) {
    log.Warning(LogId::kUserNameRefused, "a user name that is not carried was refused");
    EndWith(host, texts, TextId::kUserNameRefused);
    return 0;
  }
  ServeFlow(host, texts, *begin, *config, setpw_pipe, log);
  return 0;
}

int CheckConfig() {
  const Result<ClientConfig> config = LoadRegistryConfig();
  std::puts(config.ok() ? "the configuration is sound" : config.error().detail.c_str());
  return config.ok() ? 0 : 2;
}

}  // namespace
}  // namespace sspr

int main(int argc, char** argv) {
  sspr::TakeProcessRules();
  if (argc == 2 && std::string_view(argv[1]) == "--check-config") return sspr::CheckConfig();
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::puts("sspr-flow " SSPR_VERSION);
    return 0;
  }
  if (argc != 1) {
    std::puts(
        "Usage: sspr-flow [--check-config | --version]\n"
        "Leads one person through the reset of a forgotten password. Started by the login "
        "screen, not by hand;\nits configuration is in the registry, "
        "HKLM\\SOFTWARE\\Policies\\SSPR Login.");
    return 2;
  }
  _setmode(0, _O_BINARY);
  _setmode(1, _O_BINARY);
  const sspr::MachineLog log("sspr-flow");
  try {
    return sspr::Serve(sspr::TakeSetpwPipe(), log);
  } catch (const std::exception& fault) {
    log.Fault(sspr::LogId::kInternalFault, fault.what());
    return 2;
  }
}
