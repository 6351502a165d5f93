// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/machine_name.h"

namespace sspr::service {

std::string MachineName(DeviceTable& devices, std::string_view device_id) {
  if (device_id.empty()) return {};
  std::optional<DeviceRecord> device = devices.Find(device_id);
  if (!device || device->revoked_at != 0) return {};
  return std::move(device->name);
}

}  // namespace sspr::service
