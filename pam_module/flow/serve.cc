// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/serve.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/client/begin_frame.h"
#include "common/client/flow_session.h"
#include "common/client/host_link.h"
#include "common/client/login_checks.h"
#include "common/client/pending_settler.h"
#include "common/client/resume_key.h"
#include "common/client/service_client.h"
#include "common/client/setpw_link.h"
#include "common/client/texts.h"
#include "common/config/client_config.h"
#include "common/protocol/device_proof.h"
#include "common/system/system_clock.h"
#include "pam_module/flow/confinement.h"
#include "pam_module/flow/http_plugin.h"
#include "pam_module/flow/local_account.h"
#include "pam_module/flow/machine_online.h"
#include "pam_module/flow/peer.h"
#include "pam_module/flow/sandbox.h"
#include "pam_module/flow/start_budget.h"

namespace sspr {
namespace {

constexpr int kConnection = 0;
constexpr std::size_t kMostPasswdBytes = 8 * 1024 * 1024;
constexpr char kPasswdFile[] = "/etc/passwd";
constexpr std::uint32_t kNobody = 65534;
constexpr int kFirstFrameMs = 3'000;
constexpr std::chrono::milliseconds kShownLimit{30'000};

// The secret is read by the unprivileged user; without it a reset that is cut off starts again.
std::vector<unsigned char> ReadResumeKey(const ClientConfig& config, const BeginFrame& begin,
                                         const MachineLog& log) {
  const std::optional<Secret> secret = ReadResumeSecret(config.resume_secret_file);
  std::vector<unsigned char> key;
  if (config.kiosk.enabled) return key;  // the next person begins anew
  if (secret) key = ResumeKey(*secret, begin.user, begin.terminal);
  if (!secret) log.Info(LogId::kNoResuming, config.resume_secret_file + " cannot be read");
  return key;
}

ServiceClient::OpenTransport Opener(const std::string& plugin, const ClientConfig& config,
                                    int watched_fd, const MachineLog& log) {
  HttpSettings settings;
  settings.base_url = config.base_url;
  settings.ca_file = config.ca_file;
  settings.user_agent = "sspr-flow/" SSPR_VERSION;
  settings.watched_fd = watched_fd;
  return [=, &log]() -> std::unique_ptr<HttpTransport> {
    Result<std::unique_ptr<HttpTransport>> transport = OpenTransport(plugin, settings);
    if (transport.ok()) return std::move(transport).value();
    log.Fault(LogId::kTransportMissing, transport.error().detail);
    return nullptr;
  };
}

// The key is read by the unprivileged user. Without it the service decides whether it answers.
std::optional<DeviceProver> ProverOf(const ClientConfig& config, const Clock& clock,
                                     const MachineLog& log) {
  const bool none = access(config.device_key_file.c_str(), F_OK) != 0 && errno == ENOENT;
  if (none && !config.device_key_named) return std::nullopt;
  Result<DeviceKey> key = DeviceKey::Load(config.device_key_file);
  if (key.ok()) return DeviceProver(std::move(key).value(), config.base_url, clock);
  log.Fault(LogId::kNoDeviceKey, key.error().detail);
  return std::nullopt;
}

void ProveDevice(const ClientConfig& config, const Clock& clock, const MachineLog& log,
                 ServiceClient& service) {
  if (std::optional<DeviceProver> prover = ProverOf(config, clock, log)) {
    service.ProveWith(std::move(*prover));
  }
}

// systemd-homed's own accounts: their password is the key of their home, known to no service.
bool HasHomedRecord(const std::string& user) {
  const std::string record = "/var/lib/systemd/home/" + user + ".identity";
  return access(record.c_str(), F_OK) == 0;
}

// Why this account is not served from this peer; kNone when it is.
TextId WhyNot(const Peer& peer, const BeginFrame& begin, const ClientConfig& config,
              const std::optional<LocalAccount>& local, const MachineLog& log) {
  if (!IsCarriableUserName(begin.user)) {
    log.Warning(LogId::kUserNameRefused, "a user name that is not carried was refused");
    return TextId::kUserNameRefused;
  }
  if (!MayReset(peer, begin.user)) {
    log.Warning(LogId::kForeignAccount,
                "uid " + std::to_string(peer.uid) + " asked for an account that is not its own");
    return TextId::kNotYourAccount;
  }
  const bool system =
      local && (local->uid < static_cast<std::uint32_t>(config.min_uid) || local->uid == kNobody);
  if (system || begin.user == "root") {
    log.Warning(LogId::kAccountRefused, "a system account was refused");
    return TextId::kAccountNotPermitted;
  }
  if (!local && HasHomedRecord(begin.user)) {
    log.Warning(LogId::kAccountRefused, "an account of systemd-homed was refused");
    return TextId::kHomeIsPassword;
  }
  return TextId::kNone;
}

void ServeFlow(HostLink& host, const Texts& texts, const BeginFrame& begin,
               const ClientConfig& config, bool in_local_files, const MachineLog& log) {
  ServiceClient service(Opener(HttpPluginPath(), config, host.watched_fd(), log), config.client_id,
                        ReadResumeKey(config, begin, log), log);
  const SystemClock clock;
  ProveDevice(config, clock, log, service);
  FlowSession* running = nullptr;
  SetpwLink setpw(
      config.setpw_socket,
      [&running] {
        if (running != nullptr) running->KeepHostWaiting();
      },
      log);
  // What is typed at a login prompt may be a password: only names that the machine has are logged.
  FlowSession session(host, service, setpw, texts, clock, log,
                      in_local_files ? begin.user : "an account of the directory");
  running = &session;
  // The sign-in that follows is the machine's own: it needs the directory, and renews the cache.
  if (!in_local_files) session.BeforePasswordSet([] { TellMachineOnline(kOnlineSocket); });
  if (config.kiosk.enabled) session.BeKiosk(config.kiosk);
  session.Run({begin.user, config.ServiceUserName(begin.user), in_local_files, config.min_gates,
               begin.draws_codes});
}

void SendVerdict(HostLink& host, CheckFinding finding, const std::string& text) {
  FrameWriter verdict(FrameType::kVerdict);
  verdict.PutU8(static_cast<std::uint8_t>(finding));
  verdict.PutString(text);
  host.Send(verdict);
}

// One question and its answer. The host gives up when it wants to: then the request is cut off.
void ServeCheck(HostLink& host, const Texts& texts, const BeginFrame& begin,
                const ClientConfig& config, const MachineLog& log) {
  const SystemClock clock;
  std::optional<DeviceProver> prover = ProverOf(config, clock, log);
  if (!prover) {
    log.Warning(LogId::kCheckFailed, "this machine is not enrolled: run sspr-enroll");
    SendVerdict(host, CheckFinding::kUnknown, "");
    return;
  }
  LoginChecks checks(Opener(HttpPluginPath(), config, host.watched_fd(), log), config.client_id,
                     std::move(*prover), log);
  const std::string username = config.ServiceUserName(begin.user);
  const CheckAnswer answer = checks.Ask(*begin.check, username);
  SendVerdict(host, answer.finding, texts.Say(answer.text));
  if (answer.finding != CheckFinding::kReminder) return;
  const std::optional<Frame> shown = host.Receive(kShownLimit);
  if (!shown || shown->type != FrameType::kAnswer) return;
  host.Watch(false);  // the login goes on and does not wait for this
  checks.PutOff(username);
}

// Only a reset counts, and no question in between. The type of the first frame is looked at and
// left where it is.
bool BeginsReset() {
  pollfd watched{kConnection, POLLIN, 0};
  char type = 0;
  return poll(&watched, 1, kFirstFrameMs) == 1 &&
         recv(kConnection, &type, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
         FrameTypeOf(static_cast<std::uint8_t>(type)) == FrameType::kBegin;
}

// As the unprivileged user, and before the sandbox closes: behind it no file can be made.
Status TakeKioskStart(const ClientConfig& config) {
  if (!config.kiosk.enabled) return Ok();
  if (Status dropped = DropTo(config.flow_user); !dropped) return dropped;
  if (!BeginsReset()) return Ok();
  return TakeStart(config.kiosk.budget_folder, config.kiosk.starts_per_hour, SystemClock().Now());
}

void EndWithoutBudget(HostLink& host, const Texts& texts, const Error& why, const MachineLog& log) {
  log.Warning(LogId::kBudgetUsedUp, why.detail);
  EndWith(host, texts,
          why.code == Errc::kDenied ? TextId::kTooManyAttempts : TextId::kMachineNotReady);
}

}  // namespace

int ServeConnection(const std::string& config_path, const MachineLog& log) {
  const std::optional<Peer> peer = PeerOf(kConnection);
  if (!peer) {
    log.Fault(LogId::kNoPeer, "standard input is not a connection of the login's module");
    return 2;
  }
  const Result<ClientConfig> config = LoadClientConfig(config_path);
  const Status start = config.ok() ? TakeKioskStart(*config) : Ok();
  const Status confined = Confine(config.ok() ? &*config : nullptr, HttpPluginPath());
  HostLink host(kConnection);
  if (!confined.ok()) {
    log.Fault(LogId::kNotConfined, confined.error().detail);
    EndWith(host, Texts(Language::kEnglish, "", ""), TextId::kInternal);
    return 1;
  }
  const std::optional<BeginFrame> begin = ReadBeginOrCheck(host);
  if (!begin) {
    log.Warning(LogId::kHostBrokeProtocol, "the connection did not begin as agreed");
    return 1;
  }
  host.TakeManyLines(begin->many_lines);
  if (!config.ok()) {
    log.Fault(LogId::kConfigurationRefused, config.error().detail);
    if (begin->check) {
      SendVerdict(host, CheckFinding::kUnknown, "");
    } else {
      EndWith(host, Texts(LanguageOf(begin->language, Language::kEnglish), "", ""),
              TextId::kBadConfiguration);
    }
    return 1;
  }
  const Language fallback = LanguageOf(config->language, Language::kEnglish);
  const Texts texts(LanguageOf(begin->language, fallback), config->product_name, config->helpdesk,
                    config->kiosk.enabled);
  if (!start.ok()) {
    EndWithoutBudget(host, texts, start.error(), log);
    return 0;
  }
  const std::optional<std::string> passwd = ReadTextFile(kPasswdFile, kMostPasswdBytes);
  std::optional<LocalAccount> local;
  if (passwd) local = FindLocalAccount(*passwd, begin->user);
  const TextId why_not = WhyNot(*peer, *begin, *config, local, log);
  if (why_not != TextId::kNone) {
    // Of accounts that are not the service's nothing is demanded.
    if (begin->check) {
      SendVerdict(host, CheckFinding::kNothing, "");
    } else {
      EndWith(host, texts, why_not);
    }
    return 0;
  }
  if (begin->check) {
    ServeCheck(host, texts, *begin, *config, log);
    return 0;
  }
  // An account file that cannot be read is no reason to believe that the account is not local.
  ServeFlow(host, texts, *begin, *config, local.has_value() || !passwd, log);
  return 0;
}

int Recover(const std::string& config_path, const MachineLog& log,
            const std::function<void(std::string_view)>& say) {
  const Result<ClientConfig> config = LoadClientConfig(config_path);
  if (!config.ok()) {
    log.Fault(LogId::kConfigurationRefused, config.error().detail);
    say(config.error().detail);
    return 2;
  }
  const Status confined = Confine(&*config, HttpPluginPath());
  if (!confined.ok()) {
    log.Fault(LogId::kNotConfined, confined.error().detail);
    say(confined.error().detail);
    return 2;
  }
  ServiceClient service(Opener(HttpPluginPath(), *config, -1, log), config->client_id, {}, log);
  const SystemClock clock;
  ProveDevice(*config, clock, log, service);
  SetpwLink setpw(
      config->setpw_socket, [] {}, log);
  const SettlingResult result = SettlePending(service, setpw, log, say);
  if (!result.reached_setpw) {
    say("sspr-setpw cannot be reached at " + config->setpw_socket +
        ". Start its socket unit and try again.");
    return 2;
  }
  return result.still_open == 0 ? 0 : 1;
}

}  // namespace sspr
