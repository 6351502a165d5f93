// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/enroll/enrolment.h"

#include <algorithm>
#include <array>

#include "common/machine/permit_chain.h"
#include "common/protocol/base64url.h"
#include "credprov_win/enroll/computer_facts.h"
#include "credprov_win/machine/permit_trust.h"
#include "credprov_win/machine/resume_secret.h"

namespace sspr {
namespace {

constexpr std::size_t kNameBytes = 8;

std::string IdLine(const Thumbprint& id) { return "\nDevice: " + Hex(id); }

// Keeps the service's keys of permits, by which sspr-setpw.exe believes it. A service that signs
// none lists none; then no account of this computer is reset.
std::optional<EnrolEnd> TrustPermits(const Thumbprint& id, const std::vector<ListedPermitKey>& keys,
                                     bool replace) {
  if (keys.empty()) return std::nullopt;
  const std::optional<PermitTrust> written = replace ? std::nullopt : ReadPermitTrust();
  std::optional<PermitChain> installed;
  if (written) {
    const auto chain = ChainOf(written->first_key, written->successions);
    if (!chain.ok()) return ForeignPermitKey();
    installed = *chain;
  }
  const Result<PermitChain> wanted = installed ? ExtendChain(*installed, keys) : TrustList(keys);
  if (!wanted.ok()) return ForeignPermitKey();
  PermitTrust trust{.first_key = wanted->first, .successions = wanted->successions};
  std::copy(id.begin(), id.end(), trust.device.begin());
  if (written == trust) return std::nullopt;
  if (const Status done = WritePermitTrust(trust); !done.ok()) return MachineFault(done.error());
  return std::nullopt;
}

// Nobody could tell whose fault it is from a key alone.
constexpr char kOurKeysBeginWith[] = "SSPR Login device ";

}  // namespace

// What was proposed before and may be known to the service already comes first.
Result<DeviceKey> Enrolment::ProposedKey(EnrolmentRecord& record) {
  if (!record.proposed.empty()) {
    Result<DeviceKey> begun = DeviceKey::Load(record.proposed);
    if (begun.ok() || begun.error().code != Errc::kUnreachable) return begun;
  }
  std::array<unsigned char, kNameBytes> random{};
  if (!FillWithRandom(random)) return Error{Errc::kInternal, "there are no random numbers"};
  record.proposed = kOurKeysBeginWith + Hex(random);
  if (const Status written = WriteEnrolmentRecord(record); !written.ok()) return written.error();
  return DeviceKey::MakeStored(record.proposed);
}

std::optional<Error> Enrolment::Ask(const std::string& name, std::int64_t sequence, Known& known) {
  Result<DeviceKey> key = DeviceKey::Load(name);
  // No key, or none that can be used, is not the service's word.
  if (!key.ok() && key.error().code == Errc::kUnreachable) {
    return Error{Errc::kInternal,
                 key.error().detail + ": enrol with another one (sspr-enroll enroll --new-key)"};
  }
  if (!key.ok()) return Error{Errc::kInternal, key.error().detail};
  known.id = key->Public().thumbprint();
  DeviceLink link(config_, transport_, clock_);
  link.ProveWith(std::move(key).value());
  Result<HeartbeatAnswer> answer = link.Heartbeat(ComputerFacts(), sequence);
  if (!answer.ok()) return answer.error();
  known.permit_keys = std::move(answer->permit_keys);
  return std::nullopt;
}

EnrolEnd Enrolment::Enrol(const EnrolOptions& options, const ReadToken& read_token) {
  const EnrolmentRecord record = ReadEnrolmentRecord();
  if (!options.new_key && !record.key.empty()) {
    Known known;
    const std::optional<Error> error = Ask(record.key, 0, known);
    if (!error) {
      if (const Status made = MakeResumeSecret(); !made.ok()) return MachineFault(made.error());
      if (auto fault = TrustPermits(known.id, known.permit_keys, options.replace_permit_key)) {
        return *fault;
      }
      return {EnrolCode::kDone, "This computer was enrolled already." + IdLine(known.id)};
    }
    if (error->code != Errc::kDenied || error->detail != kUnknownDeviceWords) {
      return Explain(*error, config_.base_url);
    }
  }
  return EnrolKey(record, options, read_token);
}

EnrolEnd Enrolment::EnrolKey(EnrolmentRecord record, const EnrolOptions& options,
                             const ReadToken& read_token) {
  const Result<Secret> token = read_token();
  if (!token.ok()) return NoToken(token.error().detail);
  // A key that the service does not know (any more) is as good as a new one.
  const bool keep = !options.new_key && !record.key.empty() && record.proposed.empty();
  Result<DeviceKey> key = keep ? DeviceKey::Load(record.key) : ProposedKey(record);
  if (!key.ok()) return MachineFault(key.error());
  const Thumbprint id = key->Public().thumbprint();
  DeviceLink link(config_, transport_, clock_);
  link.ProveWith(std::move(key).value());
  DeviceFacts facts = ComputerFacts();
  if (options.name) facts.name = *options.name;
  const Result<Enrolled> enrolled = link.Enrol(*token, facts);
  if (!enrolled.ok()) return Explain(enrolled.error(), config_.base_url);
  if (const Status made = MakeResumeSecret(); !made.ok()) return MachineFault(made.error());
  if (!keep) {
    const std::string old = record.key;
    const EnrolmentRecord wanted{.key = record.proposed, .proposed = "", .heartbeats = 0};
    if (const Status written = WriteEnrolmentRecord(wanted); !written.ok()) {
      return MachineFault(written.error());
    }
    // Left behind it harms nobody: the service goes by the new one.
    if (!old.empty()) static_cast<void>(DeviceKey::RemoveStored(old));
  }
  if (auto fault = TrustPermits(id, enrolled->permit_keys, options.replace_permit_key)) {
    return *fault;
  }
  return {EnrolCode::kDone, "This computer is enrolled now." + IdLine(id),
          EnrolEnd::Change::kEnrolled};
}

EnrolEnd Enrolment::Renew() {
  EnrolmentRecord record = ReadEnrolmentRecord();
  if (record.key.empty()) return NotEnrolled();
  // Counted before it is sent: a count that goes back tells of two computers with one key.
  ++record.heartbeats;
  if (const Status written = WriteEnrolmentRecord(record); !written.ok()) {
    return MachineFault(written.error());
  }
  Known known;
  if (const auto error = Ask(record.key, record.heartbeats, known)) {
    return Explain(*error, config_.base_url);
  }
  if (auto fault = TrustPermits(known.id, known.permit_keys, false)) return *fault;
  return {EnrolCode::kDone,
          "This computer is enrolled, and the service knows that it lives." + IdLine(known.id)};
}

EnrolEnd Enrolment::Look(bool offline) {
  const EnrolmentRecord record = ReadEnrolmentRecord();
  if (record.key.empty()) {
    return {EnrolCode::kNotEnrolled,
            record.proposed.empty()
                ? "This computer is not enrolled: run sspr-enroll enroll, with a token."
                : "An enrolment was begun and did not end: run sspr-enroll enroll again, with the "
                  "same token."};
  }
  if (offline) {
    const Result<DeviceKey> key = DeviceKey::Load(record.key);
    if (!key.ok()) return MachineFault(key.error());
    return {EnrolCode::kDone,
            "This computer holds the key of an enrolled one. The service was not asked." +
                IdLine(key->Public().thumbprint())};
  }
  Known known;
  if (const auto error = Ask(record.key, 0, known)) return Explain(*error, config_.base_url);
  return {EnrolCode::kDone, "This computer is enrolled." + IdLine(known.id)};
}

EnrolEnd Unenrol() {
  const EnrolmentRecord record = ReadEnrolmentRecord();
  if (record.key.empty() && record.proposed.empty()) {
    return {EnrolCode::kDone, "This computer was not enrolled."};
  }
  std::string id = "ID";
  if (const Result<DeviceKey> key = DeviceKey::Load(record.key); key.ok()) {
    id = Hex(key->Public().thumbprint());
  }
  // The keys first: from then on the computer is a stranger, whatever is left.
  for (const std::string& name : {record.key, record.proposed}) {
    if (name.empty()) continue;
    const Status removed = DeviceKey::RemoveStored(name);
    if (!removed.ok()) return MachineFault(removed.error());
  }
  for (const Status& removed : {RemoveResumeSecret(), RemoveEnrolmentRecord()}) {
    if (!removed.ok()) return MachineFault(removed.error());
  }
  return {EnrolCode::kDone,
          "This computer is no longer enrolled. Have the service forget it too: ssprctl devices "
          "revoke " +
              id,
          EnrolEnd::Change::kForgotten};
}

}  // namespace sspr
