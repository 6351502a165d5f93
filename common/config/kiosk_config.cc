// SPDX-License-Identifier: Apache-2.0
#include "common/config/kiosk_config.h"

#include <string_view>

namespace sspr {
namespace {

constexpr char kKiosk[] = "kiosk";
// Long enough to look for a code in a mail, short enough that the next person finds nothing.
constexpr int kShortestIdle = 30;
constexpr int kLongestIdle = 300;
constexpr int kMostStarts = 1000;

Status ReadMethods(const IniFile& file, const IniEntry& entry, KioskConfig& config) {
  config.email = config.app = config.approval = config.phone = false;
  std::string_view rest = entry.value;
  while (true) {
    const std::size_t first = rest.find_first_not_of(" \t,");
    if (first == std::string_view::npos) break;
    rest.remove_prefix(first);
    const std::string_view name = rest.substr(0, rest.find_first_of(" \t,"));
    rest.remove_prefix(name.size());
    bool* const chosen = name == "email"      ? &config.email
                         : name == "app"      ? &config.app
                         : name == "approval" ? &config.approval
                         : name == "phone"    ? &config.phone
                                              : nullptr;
    if (chosen == nullptr) {
      return file.Refuse(entry, "'methods' must be some of: email app approval phone");
    }
    *chosen = true;
  }
  if (!config.email && !config.app && !config.approval && !config.phone) {
    return file.Refuse(entry, "'methods' names none");
  }
  return Ok();
}

}  // namespace

Result<KioskConfig> ReadKioskConfig(const IniFile& file) {
  KioskConfig config;
  const Result<bool> enabled = file.SwitchOr(kKiosk, "enabled", config.enabled);
  if (!enabled.ok()) return enabled.error();
  config.enabled = *enabled;
  if (const IniEntry* entry = file.Find(kKiosk, "methods")) {
    const Status read = ReadMethods(file, *entry, config);
    if (!read.ok()) return read.error();
  }
  const Result<int> idle = file.NumberOr(
      kKiosk, "idle_seconds", static_cast<int>(config.idle.count()), kShortestIdle, kLongestIdle);
  if (!idle.ok()) return idle.error();
  config.idle = std::chrono::seconds(*idle);
  const Result<int> starts =
      file.NumberOr(kKiosk, "starts_per_hour", config.starts_per_hour, 1, kMostStarts);
  if (!starts.ok()) return starts.error();
  config.starts_per_hour = *starts;
  Result<std::string> budget = file.PathOr(kKiosk, "budget_folder", config.budget_folder);
  if (!budget.ok()) return budget.error();
  config.budget_folder = std::move(budget).value();
  return config;
}

}  // namespace sspr
