// SPDX-License-Identifier: Apache-2.0
#include "pam_module/enroll/enrolment.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "common/permit/key_succession.h"
#include "common/protocol/base64url.h"
#include "pam_module/enroll/enrol_faults.h"
#include "pam_module/machine/machine_files.h"

namespace sspr {
namespace {

constexpr std::size_t kMostSmallFile = 64 * 1024;
constexpr std::size_t kResumeKeyBytes = 32;
constexpr std::size_t kDeviceIdDigits = 64;
// Of the user that has the key, who may count without being root.
constexpr char kHeartbeatFolder[] = "/var/lib/sspr-heartbeat";
constexpr char kHeartbeatCount[] = "/count";

std::string HexOf(const Thumbprint& device_id) { return Hex(device_id); }

std::string ProposalOf(const Machine& machine) { return machine.KeyFile() + ".new"; }

std::optional<std::string> LineOf(const std::string& path) {
  const Result<std::string> text = ReadFileOf(path, kMostSmallFile);
  if (!text.ok()) return std::nullopt;
  return text->substr(0, text->find('\n'));
}

}  // namespace

std::variant<DeviceKey, EnrolError> Enrolment::LoadKey() const {
  Result<DeviceKey> key = DeviceKey::Load(machine_.KeyFile());
  if (key.ok()) return std::move(*key);
  return MachineFault(key.error().detail +
                      ". Give it back to its owner (mode 0600), or remove it and enrol anew.");
}

// What was proposed before and may be known to the service already comes first.
std::variant<DeviceKey, EnrolError> Enrolment::ProposeKey(DeviceKeyKind kind, uid_t owner) const {
  const std::string path = ProposalOf(machine_);
  if (Result<DeviceKey> begun = DeviceKey::Load(path); begun.ok()) return std::move(*begun);
  if (const Status removed = RemoveFile(path); !removed.ok()) {
    return MachineFault(removed.error().detail + ".");
  }
  Result<DeviceKey> key = DeviceKey::Generate(kind);
  if (!key.ok()) return MachineFault(key.error().detail + ".");
  if (const Status saved = key->SaveNew(path); !saved.ok()) {
    return MachineFault(saved.error().detail + ". Run this as root, with the folder there.");
  }
  if (geteuid() != owner && chown(path.c_str(), owner, static_cast<gid_t>(-1)) != 0) {
    return MachineFault(path + ": cannot be given to '" + machine_.client.flow_user +
                        "'. Run this as root.");
  }
  return std::move(*key);
}

std::variant<EnrolOutcome, EnrolError> Enrolment::Enrol(const EnrolOptions& options,
                                                        const ReadToken& read_token) {
  const std::optional<uid_t> owner = UidIn(machine_, machine_.client.flow_user);
  if (!owner) return NoFlowUser(machine_.client.flow_user);
  if (!options.new_key && LookAt(machine_.KeyFile())) {
    auto asked = AskAboutKey(0);
    if (auto* const error = std::get_if<EnrolError>(&asked)) return std::move(*error);
    if (const auto& known = *std::get_if<0>(&asked)) {
      auto key = LoadKey();
      if (auto* const error = std::get_if<EnrolError>(&key)) return std::move(*error);
      const Thumbprint id = std::get_if<DeviceKey>(&key)->Public().thumbprint();
      EnrolOutcome outcome{.device_id = HexOf(id), .settings = known->settings};
      if (auto fault = Install(id, known->permit_keys, options, outcome.changed)) return *fault;
      if (auto fault = MakeResumeKey(*owner, outcome.changed)) return *fault;
      return outcome;
    }
  }
  return EnrolKey(options, read_token, *owner);
}

std::variant<EnrolOutcome, EnrolError> Enrolment::EnrolKey(const EnrolOptions& options,
                                                           const ReadToken& read_token,
                                                           uid_t owner) {
  // A key that the service does not know (any more) is as good as a new one.
  const bool keep = !options.new_key && LookAt(machine_.KeyFile()) && !LookAt(ProposalOf(machine_));
  auto proposed = keep ? LoadKey() : ProposeKey(options.kind, owner);
  if (auto* const error = std::get_if<EnrolError>(&proposed)) return std::move(*error);
  DeviceKey key = std::move(*std::get_if<DeviceKey>(&proposed));
  const Thumbprint id = key.Public().thumbprint();
  const Result<Secret> token = read_token();
  if (!token.ok()) return NoToken(token.error().detail);
  DeviceLink link(machine_.client, transport_, clock_);
  link.ProveWith(std::move(key));
  DeviceFacts facts = FactsOf(machine_);
  if (options.name) facts.name = *options.name;
  const Result<Enrolled> enrolled = link.Enrol(*token, facts);
  if (!enrolled.ok()) return Explain(enrolled.error(), machine_.client.base_url);

  EnrolOutcome outcome{.changed = true,
                       .enrolled_now = true,
                       .device_id = HexOf(id),
                       .settings = enrolled->settings};
  if (auto fault = Install(id, enrolled->permit_keys, options, outcome.changed)) return *fault;
  if (auto fault = MakeResumeKey(owner, outcome.changed)) return *fault;
  if (!keep) {
    const Status placed = RenameFile(ProposalOf(machine_), machine_.KeyFile());
    if (!placed.ok()) return MachineFault(placed.error().detail + ".");
  }
  return outcome;
}

std::variant<std::optional<HeartbeatAnswer>, EnrolError> Enrolment::AskAboutKey(
    std::int64_t sequence) {
  auto key = LoadKey();
  if (auto* const error = std::get_if<EnrolError>(&key)) return std::move(*error);
  DeviceLink link(machine_.client, transport_, clock_);
  link.ProveWith(std::move(*std::get_if<DeviceKey>(&key)));
  Result<HeartbeatAnswer> answer = link.Heartbeat(FactsOf(machine_), sequence);
  if (answer.ok()) return std::optional<HeartbeatAnswer>(std::move(*answer));
  const Error& error = answer.error();
  if (error.code == Errc::kDenied && error.detail == kUnknownDeviceWords) {
    return std::optional<HeartbeatAnswer>();
  }
  return Explain(error, machine_.client.base_url);
}

Enrolment::Fault Enrolment::Install(const Thumbprint& device_id,
                                    const std::vector<ListedPermitKey>& keys,
                                    const EnrolOptions& options, bool& changed) const {
  if (auto fault = InstallDeviceId(device_id, changed)) return fault;
  return InstallPermitKeys(keys, options.replace_permit_key, changed);
}

std::variant<std::optional<PermitChain>, EnrolError> Enrolment::InstalledChain() const {
  const Result<std::string> pem = ReadFileOf(machine_.PermitKeyFile(), kMostSmallFile);
  if (!pem.ok() && pem.error().code == Errc::kUnreachable) return std::optional<PermitChain>();
  if (!pem.ok()) return MachineFault(pem.error().detail + ".");
  const Result<std::string> more = ReadFileOf(machine_.SuccessionFile(), kMostSmallFile);
  const auto chain = ReadChain(*pem, more.ok() ? *more : std::string());
  if (!chain.ok()) return UnsoundPermitKey(machine_.PermitKeyFile(), chain.error().detail);
  return std::optional<PermitChain>(*chain);
}

Enrolment::Fault Enrolment::InstallPermitKeys(const std::vector<ListedPermitKey>& keys,
                                              bool replace, bool& changed) const {
  std::optional<PermitChain> installed;
  if (!replace) {
    auto chain = InstalledChain();
    if (auto* const error = std::get_if<EnrolError>(&chain)) return std::move(*error);
    installed = std::move(*std::get_if<0>(&chain));
  }
  const Result<PermitChain> wanted = installed ? ExtendChain(*installed, keys) : TrustList(keys);
  if (!wanted.ok()) return installed ? ForeignPermitKey() : Unreadable(wanted.error().detail);
  if (installed && *installed == *wanted) return std::nullopt;
  // The statements first: they are worth nothing without the key that they begin with.
  if (!wanted->successions.empty() || LookAt(machine_.SuccessionFile())) {
    const Status written = ReplaceFile(machine_.SuccessionFile(), wanted->successions, {0644, {}});
    if (!written.ok()) return MachineFault(written.error().detail + ".");
  }
  if (!installed) {
    const Status written = ReplaceFile(machine_.PermitKeyFile(), PemOf(wanted->first), {0644, {}});
    if (!written.ok()) return MachineFault(written.error().detail + ".");
  }
  changed = true;
  return std::nullopt;
}

Enrolment::Fault Enrolment::LeavePermitKeys(const std::vector<ListedPermitKey>& keys,
                                            const std::string& file, bool& changed) const {
  const auto chain = InstalledChain();
  if (const auto* const error = std::get_if<EnrolError>(&chain)) return *error;
  const std::optional<PermitChain>& installed = *std::get_if<0>(&chain);
  if (!installed) return NoPermitKey(machine_.PermitKeyFile());
  const Result<PermitChain> wanted = ExtendChain(*installed, keys);
  if (!wanted.ok()) return ForeignPermitKey();
  if (*installed == *wanted) return std::nullopt;
  const Status written = ReplaceFile(file, wanted->successions, {0644, {}});
  if (!written.ok()) return MachineFault(written.error().detail + ".");
  changed = true;
  return std::nullopt;
}

std::variant<EnrolOutcome, EnrolError> Enrolment::Trust(const std::string& keys_from) const {
  const auto chain = InstalledChain();
  if (const auto* const error = std::get_if<EnrolError>(&chain)) return *error;
  const std::optional<PermitChain>& installed = *std::get_if<0>(&chain);
  if (!installed) return NoPermitKey(machine_.PermitKeyFile());
  const Result<std::string> offered = ReadFileOf(keys_from, kMostSmallFile);
  if (!offered.ok()) return MachineFault(offered.error().detail + ".");
  if (!offered->starts_with(installed->successions) ||
      !ReadChain(PemOf(installed->first), *offered).ok()) {
    return ForeignPermitKey();
  }
  EnrolOutcome outcome{.device_id = LineOf(machine_.DeviceIdFile()).value_or("")};
  if (*offered == installed->successions) return outcome;
  const Status written = ReplaceFile(machine_.SuccessionFile(), *offered, {0644, {}});
  if (!written.ok()) return MachineFault(written.error().detail + ". Run this as root.");
  outcome.changed = true;
  return outcome;
}

// Resets that are open were begun under the device's old id: their journal is bound to it.
Enrolment::Fault Enrolment::InstallDeviceId(const Thumbprint& device_id, bool& changed) const {
  const std::string wanted = HexOf(device_id);
  const std::optional<std::string> now = LineOf(machine_.DeviceIdFile());
  if (now == wanted) return std::nullopt;
  if (now && HasOpenResets()) return OpenResets();
  const Status written = ReplaceFile(machine_.DeviceIdFile(), wanted + "\n", {0644, {}});
  if (!written.ok()) return MachineFault(written.error().detail + ". Run this as root.");
  changed = true;
  return std::nullopt;
}

Enrolment::Fault Enrolment::MakeResumeKey(uid_t owner, bool& changed) const {
  const std::string path = machine_.At(machine_.client.resume_secret_file);
  if (LookAt(path)) return std::nullopt;
  std::array<char, kResumeKeyBytes> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return MachineFault("There are no random numbers.");
  }
  const Status written = ReplaceFile(path, {bytes.data(), bytes.size()}, {0400, owner});
  if (!written.ok()) return MachineFault(written.error().detail + ". Run this as root.");
  changed = true;
  return std::nullopt;
}

bool Enrolment::HasOpenResets() const {
  std::error_code none;
  const std::filesystem::directory_iterator entries(
      machine_.At(machine_.setpw.state_dir) + "/journal", none);
  return !none && entries != std::filesystem::directory_iterator();
}

// Counted before it is sent: a count that goes back tells of two machines with one key.
std::variant<std::int64_t, EnrolError> Enrolment::NextSequence(uid_t owner) const {
  const std::string folder = machine_.At(kHeartbeatFolder);
  const bool made = mkdir(folder.c_str(), 0700) == 0;
  if ((!made && errno != EEXIST) ||
      (made && geteuid() != owner && chown(folder.c_str(), owner, static_cast<gid_t>(-1)) != 0)) {
    return MachineFault(folder + ": " + strerror(errno) + ". Run this as root.");
  }
  std::int64_t sequence = 0;
  const std::string text = LineOf(folder + kHeartbeatCount).value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (sequence < 0) sequence = 0;
  ++sequence;
  const Status written =
      ReplaceFile(folder + kHeartbeatCount, std::to_string(sequence) + "\n", {0600, owner});
  if (!written.ok()) return MachineFault(written.error().detail + ". Run this as root.");
  return sequence;
}

std::variant<EnrolOutcome, EnrolError> Enrolment::Renew(const std::string& keys_to) {
  if (!LookAt(machine_.KeyFile())) return NotEnrolled();
  const std::optional<uid_t> owner = UidIn(machine_, machine_.client.flow_user);
  if (!owner) return NoFlowUser(machine_.client.flow_user);
  if (const Status removed = keys_to.empty() ? Ok() : RemoveFile(keys_to); !removed.ok()) {
    return MachineFault(removed.error().detail + ".");
  }
  const auto sequence = NextSequence(*owner);
  if (const auto* const error = std::get_if<EnrolError>(&sequence)) return *error;
  auto asked = AskAboutKey(*std::get_if<std::int64_t>(&sequence));
  if (auto* const error = std::get_if<EnrolError>(&asked)) return std::move(*error);
  const auto& answer = *std::get_if<0>(&asked);
  if (!answer) return Explain({Errc::kDenied, kUnknownDeviceWords}, machine_.client.base_url);
  auto key = LoadKey();
  if (auto* const error = std::get_if<EnrolError>(&key)) return std::move(*error);
  const Thumbprint id = std::get_if<DeviceKey>(&key)->Public().thumbprint();
  EnrolOutcome outcome{.device_id = HexOf(id), .settings = answer->settings};
  auto fault = keys_to.empty() ? Install(id, answer->permit_keys, {}, outcome.changed)
                               : LeavePermitKeys(answer->permit_keys, keys_to, outcome.changed);
  if (fault) return *fault;
  return outcome;
}

std::variant<MachineState, EnrolError> Enrolment::Look() const {
  MachineState state;
  state.begun = LookAt(ProposalOf(machine_)).has_value();
  state.has_permit_key = LookAt(machine_.PermitKeyFile()).has_value();
  if (!LookAt(machine_.KeyFile())) return state;
  auto key = LoadKey();
  if (auto* const error = std::get_if<EnrolError>(&key)) return std::move(*error);
  state.has_key = true;
  state.device_id = HexOf(std::get_if<DeviceKey>(&key)->Public().thumbprint());
  state.has_device_id = LineOf(machine_.DeviceIdFile()) == state.device_id;
  return state;
}

std::variant<EnrolOutcome, EnrolError> Enrolment::Ask() {
  auto looked = Look();
  if (auto* const error = std::get_if<EnrolError>(&looked)) return std::move(*error);
  const MachineState& state = *std::get_if<MachineState>(&looked);
  if (!state.has_key) return NotEnrolled();
  auto asked = AskAboutKey(0);
  if (auto* const error = std::get_if<EnrolError>(&asked)) return std::move(*error);
  const auto& answer = *std::get_if<0>(&asked);
  if (!answer) return Explain({Errc::kDenied, kUnknownDeviceWords}, machine_.client.base_url);
  return EnrolOutcome{.device_id = state.device_id, .settings = answer->settings};
}

std::variant<EnrolOutcome, EnrolError> Enrolment::Unenrol() {
  if (HasOpenResets()) return OpenResets();
  const std::string id = LineOf(machine_.DeviceIdFile()).value_or("");
  EnrolOutcome outcome{.device_id = id.size() == kDeviceIdDigits ? id : ""};
  // The key first: from then on the machine is a stranger, whatever is left.
  for (const std::string& path :
       {machine_.KeyFile(), ProposalOf(machine_), machine_.PermitKeyFile(),
        machine_.SuccessionFile(), machine_.DeviceIdFile(),
        machine_.At(kHeartbeatFolder) + kHeartbeatCount}) {
    if (!LookAt(path)) continue;
    const Status removed = RemoveFile(path);
    if (!removed.ok()) return MachineFault(removed.error().detail + ". Run this as root.");
    outcome.changed = true;
  }
  return outcome;
}

}  // namespace sspr
