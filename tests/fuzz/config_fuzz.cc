// SPDX-License-Identifier: Apache-2.0
// Configuration files of all programs. A text that is refused says where; one that is taken keeps
// the bounds.
#include "common/config/client_config.h"
#include "common/config/ini_file.h"
#include "common/config/setpw_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

void CheckEntries(const IniFile& file) {
  for (const IniEntry& entry : file.entries()) {
    Must(entry.line > 0, "an entry has its line");
    const std::string refused = file.Refuse(entry, "why").detail;
    Must(refused.starts_with("fuzz:"), "a refusal names the file");
  }
  (void)file.NumberOr("service", "workers", 4, 1, 64);
  (void)file.SwitchOr("mail", "require_starttls", true);
  const auto path = file.PathOr("data", "folder", "/");
  if (path.ok()) {
    Must(path->starts_with('/') && path->find("/../") == std::string::npos, "a path is absolute");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = IniFile::Parse({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (file.ok()) {
    CheckEntries(*file);
    const auto client = ReadClientConfig(*file);
    if (client.ok()) {
      Must(client->min_gates >= 1 && client->min_uid >= 0, "the client's bounds hold");
      (void)client->ServiceUserName("alice");
    }
    const auto setpw = ReadSetpwConfig(*file);
    if (setpw.ok()) Must(setpw->min_uid > 0, "root is never permitted");
  } else {
    Must(file.error().detail.starts_with("fuzz"), "a refusal names the file");
  }
  return 0;
}
