// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/agent_registry.h"

#include <exception>
#include <stdexcept>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "common/writeback/sealing_key.h"
#include "service/crypto/digest.h"
#include "service/devices/device_texts.h"
#include "service/policy/limits.h"

namespace sspr::service {
namespace {

constexpr int kMostMinutes = 24 * 60;
constexpr std::size_t kCodeBytes = 20;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kShortestIdBeginning = 8;
constexpr int kFailedRegistrationsPerHour = 10;
constexpr int kSecondsPerHour = 3600;
constexpr UnixSeconds kSeenSeconds = 10;

// Where the exceptions of the store and of the audit end.
template <typename Answer, typename Work>
Result<Answer> Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Error NoSuchAgent() { return {Errc::kDenied, "there is no such agent"}; }

}  // namespace

AgentRegistry::AgentRegistry(SqlDatabase& database, FlowStore& store, AuditLog& audit,
                             Random& random, const Clock& clock)
    : table_(database), store_(store), audit_(audit), random_(random), clock_(clock) {}

void AgentRegistry::Note(const char* event, std::string_view agent, const char* outcome,
                         std::string reason, std::string_view address) {
  const Status written = audit_.Write({.event = event,
                                       .outcome = outcome,
                                       .reason = std::move(reason),
                                       .address = std::string(address),
                                       .device = std::string(agent)},
                                      AuditLog::Weight::kFinal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

Result<AgentCode> AgentRegistry::IssueCode(int minutes, std::string_view by) {
  return Guarded<AgentCode>([&]() -> Result<AgentCode> {
    if (minutes < 1 || minutes > kMostMinutes) {
      return Error{Errc::kPolicy, "a code lives 1 to 1440 minutes (24 hours)"};
    }
    const UnixSeconds now = clock_.Now();
    AgentCode made{.id = ToHex(RandomBytes(random_, kIdBytes)),
                   .text = ToHex(RandomBytes(random_, kCodeBytes)),
                   .expires_at = now + UnixSeconds{60} * minutes};
    Note("admin.writeback.code", "", "done", "code " + made.id + ", by " + std::string(by));
    table_.InsertCode({.id = made.id,
                       .digest = ToHex(Sha256(made.text)),
                       .issued_by = std::string(by),
                       .issued_at = now,
                       .expires_at = made.expires_at,
                       .used_by = {}});
    return made;
  });
}

Result<std::vector<AgentRecord>> AgentRegistry::List() {
  return Guarded<std::vector<AgentRecord>>([&] { return table_.List(); });
}

Result<AgentRecord> AgentRegistry::Show(std::string_view id) {
  return Guarded<AgentRecord>([&]() -> Result<AgentRecord> {
    std::optional<AgentRecord> found;
    for (AgentRecord& agent : table_.List()) {
      if (agent.id == id) return std::move(agent);
      if (id.size() < kShortestIdBeginning || !agent.id.starts_with(id)) continue;
      if (found) return Error{Errc::kDenied, "more than one agent's id begins so"};
      found = std::move(agent);
    }
    if (!found) return NoSuchAgent();
    return std::move(*found);
  });
}

Status AgentRegistry::Revoke(std::string_view id, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<AgentRecord> agent = Show(id);
    if (!agent.ok()) return agent.error();
    if (agent->revoked_at != 0) return Error{Errc::kDenied, "the agent is revoked already"};
    Note("admin.writeback.revoke", agent->id, "done", "by " + std::string(by));
    (void)table_.Revoke(agent->id, clock_.Now());
    return Ok();
  });
}

Status AgentRegistry::Remove(std::string_view id, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<AgentRecord> agent = Show(id);
    if (!agent.ok()) return agent.error();
    Note("admin.writeback.remove", agent->id, "done", "by " + std::string(by));
    if (!table_.Remove(agent->id)) return NoSuchAgent();
    return Ok();
  });
}

std::optional<RegisterRefusal> AgentRegistry::Register(const AgentRegistration& request) {
  try {
    const bool is_sound = IsDeviceName(request.name) &&
                          request.versions.size() <= kMostDeviceVersionsBytes &&
                          IsCleanText(request.versions, Lines::kOne) &&
                          SealingPublicKeyFromHex(request.sealing_key).has_value();
    if (!is_sound) return RegisterRefusal::kMalformed;
    const std::vector<LimitRule> rules{{.bucket = "writeback:" + NetworkOf(request.address),
                                        .max = kFailedRegistrationsPerHour,
                                        .window_seconds = kSecondsPerHour}};
    const LimitVerdict verdict = store_.Reserve(rules, clock_.Now());
    if (!verdict.allowed) return RegisterRefusal::kTooMany;
    const std::string& id = request.key.thumbprint;
    Note("writeback.register", id, "begun", request.name, request.address);
    const auto done = table_.Register(ToHex(Sha256(request.code)),
                                      {.id = id,
                                       .public_key = request.key.jwk,
                                       .sealing_key = request.sealing_key,
                                       .name = request.name,
                                       .versions = request.versions,
                                       .code = {}},
                                      clock_.Now());
    switch (done) {
      case AgentTable::Registration::kDone:
        store_.Release(verdict.reservation);
        Note("writeback.register", id, "done", request.name, request.address);
        return std::nullopt;
      case AgentTable::Registration::kBadCode:
        Note("writeback.register", id, "refused", "bad code", request.address);
        return RegisterRefusal::kBadCode;
      case AgentTable::Registration::kRevoked:
        Note("writeback.register", id, "refused", "revoked key", request.address);
        return RegisterRefusal::kRevoked;
      case AgentTable::Registration::kTooMany:
        Note("writeback.register", id, "refused", "too many agents", request.address);
        return RegisterRefusal::kTooManyAgents;
    }
    return RegisterRefusal::kInternal;
  } catch (const std::exception&) {
    return RegisterRefusal::kInternal;
  }
}

std::optional<AgentRecord> AgentRegistry::Known(std::string_view id) {
  std::optional<AgentRecord> agent = table_.Find(id);
  if (agent && agent->revoked_at != 0) return std::nullopt;
  return agent;
}

std::vector<AgentRecord> AgentRegistry::Active() {
  std::vector<AgentRecord> agents = table_.List();
  std::erase_if(agents, [](const AgentRecord& agent) { return agent.revoked_at != 0; });
  return agents;
}

void AgentRegistry::Touch(const AgentRecord& agent, std::string_view versions) {
  const UnixSeconds now = clock_.Now();
  if (now - agent.last_seen >= kSeenSeconds || agent.versions != versions) {
    table_.Touch(agent.id, versions, now);
  }
}

}  // namespace sspr::service
