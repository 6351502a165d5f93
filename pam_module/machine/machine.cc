// SPDX-License-Identifier: Apache-2.0
#include "pam_module/machine/machine.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "common/base/text.h"
#include "pam_module/machine/machine_files.h"

namespace sspr {
namespace {

constexpr std::size_t kMostPasswdBytes = 32 * 1024 * 1024;
constexpr std::size_t kMostReleaseBytes = 64 * 1024;
constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostOsBytes = 128;

// Cut, and without what the service would refuse.
std::string Plain(std::string_view text, std::size_t most) {
  std::string made(most, '\0');
  made.resize(FilterForDisplay(text, Lines::kOne, made));
  return made;
}

std::string SystemName(const Machine& machine) {
  const Result<std::string> file = ReadFileOf(machine.At("/etc/os-release"), kMostReleaseBytes);
  constexpr std::string_view kKey = "\nPRETTY_NAME=";
  const std::string text = "\n" + (file.ok() ? *file : std::string());
  const std::size_t at = text.find(kKey);
  if (at == std::string::npos) return "Linux";
  std::string name = text.substr(at + kKey.size());
  name.resize(std::min(name.find('\n'), name.size()));
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  return name;
}

}  // namespace

Result<std::string> RootFolder(const std::string& given) {
  std::array<char, PATH_MAX> whole{};
  struct stat about {};
  if (realpath(given.c_str(), whole.data()) == nullptr || stat(whole.data(), &about) != 0 ||
      !S_ISDIR(about.st_mode)) {
    return {Errc::kPolicy, given + ": no such folder"};
  }
  const std::string path = whole.data();
  return path == "/" ? std::string() : path;
}

Result<Machine> LoadMachine(const std::string& root, const std::string& config_file) {
  Machine machine;
  machine.root = root;
  machine.config_file = config_file;
  const Result<IniFile> file = IniFile::Load(machine.At(config_file));
  if (!file.ok()) return file.error();
  Result<ClientConfig> client = ReadClientConfig(*file);
  if (!client.ok()) return client.error();
  Result<SetpwConfig> setpw = ReadSetpwConfig(*file);
  if (!setpw.ok()) return setpw.error();
  machine.client = std::move(*client);
  machine.setpw = std::move(*setpw);
  return machine;
}

std::optional<uid_t> UidIn(const Machine& machine, const std::string& user) {
  const Result<std::string> file = ReadFileOf(machine.At("/etc/passwd"), kMostPasswdBytes);
  const std::string text = "\n" + (file.ok() ? *file : std::string());
  const std::size_t at = text.find("\n" + user + ":");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t password = at + 1 + user.size() + 1;
  const std::size_t digits = text.find(':', password);
  if (digits == std::string::npos) return std::nullopt;
  uid_t uid = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data() + digits + 1, end, uid);
  if (fault != std::errc{} || stopped == end || *stopped != ':') return std::nullopt;
  return uid;
}

DeviceFacts FactsOf(const Machine& machine) {
  std::array<char, HOST_NAME_MAX + 1> name{};
  std::string host;
  if (machine.root.empty()) {
    if (gethostname(name.data(), name.size() - 1) == 0) host = name.data();
  } else if (const auto file = ReadFileOf(machine.At("/etc/hostname"), 512); file.ok()) {
    host = file->substr(0, file->find('\n'));
  }
  host = Plain(host, kMostNameBytes);
  return {.name = host.empty() ? "unnamed" : host,
          .os = Plain(SystemName(machine), kMostOsBytes),
          .versions = "sspr=" SSPR_VERSION};
}

}  // namespace sspr
