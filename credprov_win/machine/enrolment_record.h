// SPDX-License-Identifier: Apache-2.0
// What a computer knows of its own enrolment: names of keys in CNG, in the registry
// (HKLM, "SOFTWARE/SSPR Login/Device"). No secret is in it; only administrators may write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/protocol/device_key.h"

namespace sspr {

struct EnrolmentRecord {
  std::string key;       // the enrolled one; empty: none
  std::string proposed;  // one that the service may know already; empty: none
  std::uint32_t heartbeats = 0;
};

// What cannot be read is not there.
EnrolmentRecord ReadEnrolmentRecord();
// The name of the enrolled key last: it is what makes a computer a device. kDenied without the
// right to write.
Status WriteEnrolmentRecord(const EnrolmentRecord& record);
Status RemoveEnrolmentRecord();

// The key of the enrolled computer; nothing when it is none.
Result<std::optional<DeviceKey>> LoadEnrolledKey();

}  // namespace sspr
