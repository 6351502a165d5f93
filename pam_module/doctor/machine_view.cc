// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/machine_view.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "pam_module/machine/machine_files.h"

namespace sspr::doctor {
namespace {

constexpr std::size_t kMostFileBytes = 32 * 1024 * 1024;
constexpr const char* kPamFolders[] = {"/etc/pam.d", "/usr/lib/pam.d"};
constexpr const char* kLibraryFolders[] = {"/lib", "/usr/lib", "/lib64", "/usr/lib64"};

// What is included by services and is none, and what packages and editors leave behind.
bool IsService(const std::string& name) {
  if (name.empty() || name.starts_with("common-") || name.starts_with('.')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

MachineView::MachineView(std::string root) : root_(std::move(root)) {
  const std::optional<FileFacts> facts = LookAt(root_.empty() ? "/" : root_);
  if (facts) administrator_ = facts->owner;
}

std::optional<std::string> MachineView::Text(const std::string& path) const {
  Result<std::string> text = ReadFileOf(At(path), kMostFileBytes);
  if (!text.ok()) return std::nullopt;
  return std::move(*text);
}

std::optional<std::string> MachineView::PamFile(const std::string& name) const {
  if (name.starts_with('/')) return Text(name);
  for (const char* folder : kPamFolders) {
    if (auto text = Text(std::string(folder) + "/" + name)) return text;
  }
  return std::nullopt;
}

std::optional<PamStack> MachineView::AuthStack(const std::string& service) const {
  return Stack(service, "auth");
}

std::optional<PamStack> MachineView::Stack(const std::string& service,
                                           std::string_view kind) const {
  return ReadStack([this](const std::string& name) { return PamFile(name); }, service, kind);
}

std::vector<std::string> MachineView::PamServices() const {
  std::set<std::string> names;
  for (const char* folder : kPamFolders) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(At(folder), none)) {
      const std::string name = entry.path().filename();
      if (IsService(name)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

std::string MachineView::ModulePath(const std::string& module) const {
  if (module.starts_with('/')) return LookAt(At(module)) ? module : "";
  for (const char* folder : kLibraryFolders) {
    std::string plain = std::string(folder) + "/security/" + module;
    if (LookAt(At(plain))) return plain;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(At(folder), none)) {
      std::string path =
          std::string(folder) + "/" + entry.path().filename().string() + "/security/" + module;
      if (LookAt(At(path))) return path;
    }
  }
  return "";
}

std::optional<std::string> MachineView::LoginDefault(const std::string& key) const {
  std::istringstream lines(Text("/etc/login.defs").value_or(""));
  std::optional<std::string> value;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    std::string text;
    if (words >> name >> text && name == key) value = text;
  }
  return value;
}

}  // namespace sspr::doctor
