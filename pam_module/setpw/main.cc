// SPDX-License-Identifier: Apache-2.0
// sspr-setpw: sets the password of a local account, and nothing else. One process per connection on
// descriptor 0, started by a socket unit or any inetd-style superserver; or --recover at boot.
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string_view>

#include "common/config/known_keys.h"
#include "common/setpw/dialogue.h"
#include "common/system/system_clock.h"
#include "pam_module/setpw/account_files.h"
#include "pam_module/setpw/confine.h"
#include "pam_module/setpw/event_log.h"
#include "pam_module/setpw/failure_tally.h"
#include "pam_module/setpw/frame_stream.h"
#include "pam_module/setpw/local_reset.h"
#include "pam_module/setpw/no_reset.h"
#include "pam_module/setpw/old_secrets.h"
#include "pam_module/setpw/startup.h"

namespace sspr::setpw {
namespace {

constexpr char kEtc[] = "/etc";
constexpr std::chrono::minutes kIdleLimit{20};
constexpr int kCallerSocket = 0;

constexpr char kUsage[] =
    "usage: sspr-setpw [--config FILE] [--recover]\n"
    "Sets the password of a local account once the reset service permits it.\n"
    "\n"
    "Without options it serves one connection on standard input, as sspr-setpw.socket\n"
    "starts it; it is of no use on a terminal.\n"
    "\n"
    "  --recover      finish what a power cut or a kill left half done; one line for each\n"
    "                 transaction. Exit status 0: nothing is left open, 1: something\n"
    "                 waits for the service or the password files, 2: nothing could be read\n"
    "  --config FILE  instead of /etc/sspr/sspr.conf\n"
    "  --help, --version\n";

struct Options {
  enum class Task { kServe, kRecover, kHelp, kVersion, kWrong } task = Task::kServe;
  std::string config_file = kConfigurationFile;
};

Options ParseOptions(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--recover") {
      options.task = Options::Task::kRecover;
    } else if (word == "--config" && i + 1 < count) {
      options.config_file = words[++i];
    } else if (word == "--help") {
      return {Options::Task::kHelp, {}};
    } else if (word == "--version") {
      return {Options::Task::kVersion, {}};
    } else {
      return {Options::Task::kWrong, {}};
    }
  }
  return options;
}

// No openssl.cnf, which could name modules to load; no tables of names that nobody asks for.
bool StartCrypto() {
  constexpr std::uint64_t kOptions =
      OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
      OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT;
  return OPENSSL_init_crypto(kOptions, nullptr) == 1;
}

AccountFiles::Settings AccountSettings(const Startup& startup) {
  AccountFiles::Settings settings;
  settings.etc = kEtc;
  settings.limits = {startup.config.min_uid, startup.config.max_uid, startup.config.deny_groups};
  settings.policy = startup.policy;
  settings.tally_folder = FailureTallyFolder(kEtc);
  settings.failure_limits = ReadFailureLimits(kEtc);
  settings.note = [](const std::string& text) { LogEvent(Event::kAccountFiles, text); };
  return settings;
}

Status Restrict(const Startup* startup) {
  WritableFiles files;
  if (startup != nullptr) {
    files.folders = {kEtc, startup->config.state_dir};
    const std::string& history = startup->policy.history_folder;
    if (!history.empty()) files.folders.push_back(history);
    files.tally_folder = FailureTallyFolder(kEtc);
    // For the child that is the user: what the old password locks.
    for (std::string& homes :
         SecretKeeper(kEtc).HomeFolders(startup->config.min_uid, startup->config.max_uid)) {
      files.folders.push_back(std::move(homes));
    }
  }
  if (Status restricted = RestrictFiles(files); !restricted) return restricted;
  return RestrictSystemCalls();
}

bool IsPermittedCaller(const std::string& flow_user) {
  ucred caller{};
  socklen_t size = sizeof caller;
  if (getsockopt(kCallerSocket, SOL_SOCKET, SO_PEERCRED, &caller, &size) != 0 ||
      size != sizeof caller) {
    LogEvent(Event::kPeerRefused, "standard input is not a connected unix socket");
    return false;
  }
  if (caller.uid == 0) return true;
  const auto flow_uid = UidOf(kEtc, flow_user);
  if (flow_uid && caller.uid == *flow_uid) return true;
  LogEvent(Event::kPeerRefused, "uid " + std::to_string(caller.uid));
  return false;
}

int Converse(ResetSteps& steps) {
  FrameStream stream(kCallerSocket, kIdleLimit);
  Dialogue dialogue(steps);
  while (dialogue.state() != Dialogue::State::kOver) {
    const Result<Frame> frame = stream.Next();
    if (!frame) {
      if (frame.error().code == Errc::kCancelled) return 0;
      LogEvent(Event::kBrokenProtocol, frame.error().detail);
      return 1;
    }
    std::optional<FrameWriter> answer = dialogue.Handle(*frame);
    if (answer && !stream.Send(answer->Encoded())) return 1;
  }
  if (!dialogue.kept_protocol()) LogEvent(Event::kBrokenProtocol, "a frame out of order");
  return dialogue.kept_protocol() ? 0 : 1;
}

int Serve(const std::string& config_file) {
  Result<Startup> startup = LoadStartup(config_file, kEtc);
  if (!startup) LogEvent(Event::kBadConfiguration, startup.error().detail);
  if (!IsPermittedCaller(startup ? startup->config.flow_user : SetpwConfig().flow_user)) return 1;
  if (Status restricted = Restrict(startup ? &*startup : nullptr); !restricted) {
    LogEvent(Event::kNotConfined, restricted.error().detail);
    return 1;
  }
  if (!startup) {
    NoReset nobody;
    return Converse(nobody);
  }
  const SystemClock clock;
  AccountFiles accounts(AccountSettings(*startup), clock);
  Result<Journal> journal = Journal::Open(startup->config.state_dir, startup->journal_binding);
  if (!journal) {
    LogEvent(Event::kInternal, journal.error().detail);
    NoReset nobody(&accounts);
    return Converse(nobody);
  }
  const SecretKeeper keeper(kEtc);
  LocalReset reset(std::move(startup->enrolment), startup->policy, accounts, *journal, clock,
                   &keeper);
  return Converse(reset);
}

int Recover(const std::string& config_file) {
  const Result<Startup> startup = LoadStartup(config_file, kEtc);
  if (!startup) {
    LogEvent(Event::kBadConfiguration, startup.error().detail);
    std::fprintf(stderr, "sspr-setpw: %s\n", startup.error().detail.c_str());
    return 2;
  }
  Result<Journal> journal = Journal::Open(startup->config.state_dir, startup->journal_binding);
  if (!journal) {
    LogEvent(Event::kInternal, journal.error().detail);
    std::fprintf(stderr, "sspr-setpw: %s\n", journal.error().detail.c_str());
    return 2;
  }
  if (!startup->enrolment) {
    std::puts("This machine is not enrolled: nothing is finished.");
    return journal->Transactions().empty() ? 0 : 1;
  }
  if (Status restricted = Restrict(&*startup); !restricted) {
    LogEvent(Event::kNotConfined, restricted.error().detail);
    return 2;
  }
  const SystemClock clock;
  AccountFiles accounts(AccountSettings(*startup), clock);
  accounts.RemoveLeftovers(kCommitLockWait);
  journal->RemoveLeftovers();
  const SecretKeeper keeper(kEtc);
  int left_open = 0;
  for (const Recovery::Line& line :
       Recovery(*journal, accounts, clock, &keeper).Walk(kCommitLockWait)) {
    std::printf("%s %s %s\n", ToHex(View(line.transaction)).c_str(),
                line.account.empty() ? "-" : line.account.c_str(), Name(line.what));
    left_open += IsOpen(line.what) ? 1 : 0;
  }
  return left_open == 0 ? 0 : 1;
}

int Run(const Options& options) {
  switch (options.task) {
    case Options::Task::kHelp:
      std::fputs(kUsage, stdout);
      return 0;
    case Options::Task::kVersion:
      std::puts("sspr-setpw " SSPR_VERSION);
      return 0;
    case Options::Task::kWrong:
      std::fputs(kUsage, stderr);
      return 2;
    case Options::Task::kServe:
    case Options::Task::kRecover:
      break;
  }
  const bool recovers = options.task == Options::Task::kRecover;
  const Status taken = TakeFixedSurroundings(recovers ? Streams::kTerminal : Streams::kSocketOnly);
  OpenEventLog();
  if (!taken) {
    LogEvent(Event::kNotConfined, taken.error().detail);
    return 2;
  }
  if (!StartCrypto()) {
    LogEvent(Event::kInternal, "libcrypto does not start");
    return 2;
  }
  if (recovers && geteuid() != 0) {
    std::fputs("sspr-setpw: only root can finish a reset: call it with sudo\n", stderr);
    return 2;
  }
  return recovers ? Recover(options.config_file) : Serve(options.config_file);
}

}  // namespace
}  // namespace sspr::setpw

int main(int argc, char** argv) {
  try {
    return sspr::setpw::Run(sspr::setpw::ParseOptions(argc, argv));
  } catch (const std::exception& fault) {
    sspr::setpw::LogEvent(sspr::setpw::Event::kInternal, fault.what());
    return 2;
  }
}
