// SPDX-License-Identifier: Apache-2.0
// Security descriptors as a directory sends them, and SIDs.
#include "service/doctor/security_descriptor.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sspr::service;  // NOLINT(google-build-using-namespace)
  using sspr::fuzz::Must;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto list = ReadAccessList(bytes);
  if (!list) return 0;
  Must(list->size() * 16 <= size, "no entry without bytes");
  for (const AccessEntry& entry : *list) {
    Must(!TextOfSid(entry.sid).empty(), "each entry is somebody's");
    Must(entry.object.empty() || entry.object.size() == 16, "an object is a GUID");
    const bool holds = HoldsControlRight({entry}, {entry.sid}, entry.object);
    Must(!holds || entry.allows, "what is denied is not held");
  }
  Must(!HoldsControlRight(*list, {}, "0123456789abcdef"), "nobody holds nothing");
  return 0;
}
