// SPDX-License-Identifier: Apache-2.0
// What administrators do with devices.
#include "service/devices/device_registry.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "common/base/text.h"
#include "common/permit/fixed_bytes.h"
#include "service/audit/audit_log.h"
#include "service/crypto/digest.h"
#include "service/crypto/random.h"
#include "service/devices/device_texts.h"
#include "service/policy/group_names.h"
#include "service/store/device_table.h"

namespace sspr::service {
namespace {

constexpr int kMostUses = 10'000;
constexpr int kMostMinutes = 30 * 24 * 60;
constexpr std::size_t kTokenBytes = 20;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kShortestIdBeginning = 8;
constexpr std::size_t kMostBecauseBytes = 200;

// Where the exceptions of the store and of the audit end.
template <typename T, typename Work>
Result<T> Guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{Errc::kInternal, error.what()};
  }
}

Error NoSuchDevice() { return {Errc::kDenied, "there is no such device"}; }

Status CheckOrder(const EnrolmentOrder& order) {
  if (order.uses < 1 || order.uses > kMostUses) {
    return Error{Errc::kPolicy, "a token enrols 1 to 10000 devices"};
  }
  if (order.minutes < 1 || order.minutes > kMostMinutes) {
    return Error{Errc::kPolicy, "a token lives 1 to 43200 minutes (30 days)"};
  }
  const auto group = NormalGroupList(order.group);
  if (!group || group->find(' ') != std::string::npos) {
    return Error{Errc::kPolicy, "a group is one name of A-Z a-z 0-9 . _ -"};
  }
  return Ok();
}

}  // namespace

bool IsDeviceName(std::string_view name) {
  return !name.empty() && name.size() <= kMostDeviceNameBytes && IsCleanText(name, Lines::kOne);
}

DeviceRegistry::DeviceRegistry(SqlDatabase& database, FlowStore& store, AuditLog& audit,
                               const ServiceKeys& keys, Random& random, const Clock& clock)
    : table_(std::make_unique<DeviceTable>(database)),
      store_(store),
      audit_(audit),
      keys_(keys),
      random_(random),
      clock_(clock) {}

DeviceRegistry::~DeviceRegistry() = default;

void DeviceRegistry::Note(const char* event, std::string_view device, std::string reason) {
  const Status written = audit_.Write({.event = event,
                                       .outcome = "done",
                                       .reason = std::move(reason),
                                       .device = std::string(device)},
                                      AuditLog::Weight::kFinal);
  if (!written.ok()) throw std::runtime_error("audit: " + written.error().detail);
}

Result<EnrolmentToken> DeviceRegistry::IssueToken(const EnrolmentOrder& order,
                                                  std::string_view by) {
  return Guarded<EnrolmentToken>([&]() -> Result<EnrolmentToken> {
    if (Status good = CheckOrder(order); !good.ok()) return good.error();
    const UnixSeconds now = clock_.Now();
    EnrolmentToken made{.id = ToHex(RandomBytes(random_, kIdBytes)),
                        .text = ToHex(RandomBytes(random_, kTokenBytes)),
                        .expires_at = now + UnixSeconds{60} * order.minutes};
    Note("admin.device.token", "",
         "token " + made.id + " for " + std::to_string(order.uses) + ", by " + std::string(by));
    table_->InsertToken({.id = made.id,
                         .digest = ToHex(Sha256(made.text)),
                         .group = NormalGroupList(order.group).value_or(""),
                         .uses = order.uses,
                         .uses_left = order.uses,
                         .issued_by = std::string(by),
                         .issued_at = now,
                         .expires_at = made.expires_at});
    return made;
  });
}

Result<std::vector<EnrolmentTokenRecord>> DeviceRegistry::ListTokens() {
  return Guarded<std::vector<EnrolmentTokenRecord>>([&] { return table_->ListTokens(); });
}

Status DeviceRegistry::RemoveToken(std::string_view id, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    Note("admin.device.token.remove", "", "token " + std::string(id) + ", by " + std::string(by));
    if (!table_->DeleteToken(id)) return Error{Errc::kDenied, "there is no such token"};
    return Ok();
  });
}

Result<std::vector<DeviceRecord>> DeviceRegistry::List() {
  return Guarded<std::vector<DeviceRecord>>([&] { return table_->List(); });
}

Result<DeviceRecord> DeviceRegistry::Show(std::string_view id) {
  return Guarded<DeviceRecord>([&]() -> Result<DeviceRecord> {
    if (std::optional<DeviceRecord> device = table_->Find(id)) return std::move(*device);
    if (id.size() < kShortestIdBeginning) return NoSuchDevice();
    std::optional<DeviceRecord> found;
    for (DeviceRecord& device : table_->List()) {
      if (!device.id.starts_with(id)) continue;
      if (found) return Error{Errc::kDenied, "more than one device's id begins so"};
      found = std::move(device);
    }
    if (!found) return NoSuchDevice();
    return std::move(*found);
  });
}

Status DeviceRegistry::Rename(std::string_view id, std::string_view name, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    if (!IsDeviceName(name)) {
      return Error{Errc::kPolicy, "a device's name is 1 to 64 bytes of one line of plain text"};
    }
    const Result<DeviceRecord> device = Show(id);
    if (!device.ok()) return device.error();
    Note("admin.device.rename", device->id, "by " + std::string(by));
    if (!table_->Rename(device->id, name)) return NoSuchDevice();
    return Ok();
  });
}

Status DeviceRegistry::Revoke(std::string_view id, std::string_view because, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    if (because.size() > kMostBecauseBytes || !IsCleanText(because, Lines::kOne)) {
      return Error{Errc::kPolicy, "a reason is at most 200 bytes of one line of plain text"};
    }
    const Result<DeviceRecord> device = Show(id);
    if (!device.ok()) return device.error();
    if (device->revoked_at != 0) return Error{Errc::kDenied, "the device is revoked already"};
    Note("admin.device.revoke", device->id,
         std::string(because) + (because.empty() ? "by " : ", by ") + std::string(by));
    (void)table_->Revoke(device->id, because, clock_.Now());
    return Ok();
  });
}

Status DeviceRegistry::Remove(std::string_view id, std::string_view by) {
  return Guarded<Nothing>([&]() -> Status {
    const Result<DeviceRecord> device = Show(id);
    if (!device.ok()) return device.error();
    Note("admin.device.remove", device->id, "by " + std::string(by));
    if (!table_->Delete(device->id)) return NoSuchDevice();
    return Ok();
  });
}

}  // namespace sspr::service
