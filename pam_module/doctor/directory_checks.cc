// SPDX-License-Identifier: Apache-2.0
// The machine's side of the directory's accounts: SSSD and winbind.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <sstream>
#include <string_view>

#include "pam_module/doctor/machine_checks.h"
#include "pam_module/doctor/module_line.h"
#include "pam_module/machine/machine_files.h"

namespace sspr::doctor {
namespace {

constexpr char kSssdFile[] = "/etc/sssd/sssd.conf";
constexpr char kSssdFolder[] = "/etc/sssd/conf.d";
constexpr char kSambaFile[] = "/etc/samba/smb.conf";
constexpr char kWinbindFile[] = "/etc/security/pam_winbind.conf";
constexpr char kOnlineSocketFile[] = "/run/sspr/online.sock";

// Of files that are not ours and follow their own rules: what does not look like a setting is
// passed over. section -> key -> value, all but values in small letters; the last one holds.
using Settings = std::map<std::string, std::map<std::string, std::string>>;

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpaces) - first + 1));
}

std::string Small(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

void ReadSettings(const std::string& text, Settings& settings) {
  std::istringstream lines(text);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    line = Trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = Small(Trimmed(std::string_view(line).substr(1, line.size() - 2)));
      settings[section];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view whole = line;
    settings[section][Small(Trimmed(whole.substr(0, equals)))] = Trimmed(whole.substr(equals + 1));
  }
}

bool IsOn(const Settings& settings, const std::string& section, const std::string& key) {
  const auto found = settings.find(section);
  if (found == settings.end()) return false;
  const auto value = found->second.find(key);
  if (value == found->second.end()) return false;
  const std::string word = Small(value->second);
  return word == "yes" || word == "true" || word == "1" || word == "on";
}

// The main file and what is beside it, in the order of names, as SSSD reads them. Nothing when the
// main file cannot be read.
std::optional<Settings> SssdSettings(const MachineView& view) {
  const std::optional<std::string> text = view.Text(kSssdFile);
  if (!text) return std::nullopt;
  Settings settings;
  ReadSettings(*text, settings);
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(view.At(kSssdFolder), none)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".conf") && !name.starts_with('.')) names.push_back(name);
  }
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const auto more = view.Text(std::string(kSssdFolder) + "/" + name);
    if (more) ReadSettings(*more, settings);
  }
  return settings;
}

void AddOffline(Report& report, const std::string& subject, bool on, const std::string& setting) {
  report.Add(FindingId::kOfflineSignIn, on ? Level::kGood : Level::kNote, subject,
             on ? "passwords are kept for offline sign-ins (" + setting +
                      "); the sign-in behind a reset renews what is kept"
                : "no passwords are kept for offline sign-ins (" + setting + " is off)");
}

void CheckSssd(const MachineView& view, Report& report) {
  constexpr std::string_view kDomain = "domain/";
  const std::optional<Settings> settings = SssdSettings(view);
  if (!settings) {
    report.Add(FindingId::kOfflineSignIn, Level::kNote, "SSSD",
               std::string("whether it keeps passwords for offline sign-ins cannot be seen: ") +
                   kSssdFile + " cannot be read",
               "run sspr-doctor as root");
    return;
  }
  for (const auto& [section, keys] : *settings) {
    if (!section.starts_with(kDomain)) continue;
    AddOffline(report, "SSSD, " + section, IsOn(*settings, section, "cache_credentials"),
               "cache_credentials");
  }
}

// Both halves are needed: what winbindd keeps, and what its PAM module asks it for.
void CheckWinbind(const MachineView& view, bool on_the_line, Report& report) {
  Settings samba;
  Settings module;
  ReadSettings(view.Text(kSambaFile).value_or(""), samba);
  ReadSettings(view.Text(kWinbindFile).value_or(""), module);
  const bool asks = on_the_line || IsOn(module, "global", "cached_login");
  AddOffline(report, "winbind", asks && IsOn(samba, "global", "winbind offline logon"),
             asks ? "'winbind offline logon' of smb.conf" : "cached_login of pam_winbind.so");
}

void CheckOnlineSocket(const MachineView& view, Report& report) {
  const bool there = LookAt(view.At(kOnlineSocketFile)).has_value();
  report.Add(FindingId::kOnlineSocket, there ? Level::kGood : Level::kWarning, kOnlineSocketFile,
             there ? "sspr-online can be called after a reset"
                   : "the socket of sspr-online is not there: SSSD or winbind that missed the "
                     "directory is not told that it is there again, and may refuse the new "
                     "password after a reset",
             there ? "" : "systemctl enable --now sspr-online.socket");
}

}  // namespace

void CheckDirectoryAccounts(const MachineView& view, Report& report) {
  bool sssd = false;
  bool winbind = false;
  bool cached_login = false;
  for (const std::string& service : view.PamServices()) {
    const std::optional<PamStack> stack = view.AuthStack(service);
    if (!stack || ModuleRule(*stack) == nullptr) continue;
    for (const PamRule& rule : stack->rules) {
      sssd = sssd || rule.ModuleName() == "pam_sss.so";
      if (rule.ModuleName() != "pam_winbind.so") continue;
      winbind = true;
      cached_login = cached_login || rule.Has("cached_login");
    }
  }
  if (sssd) CheckSssd(view, report);
  if (winbind) CheckWinbind(view, cached_login, report);
  if ((sssd || winbind) && view.alive()) CheckOnlineSocket(view, report);
}

}  // namespace sspr::doctor
