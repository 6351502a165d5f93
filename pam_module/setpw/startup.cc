// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/startup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "common/permit/key_succession.h"
#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMaxSmallFile = 4096;
constexpr std::size_t kMaxPasswdBytes = 32 * 1024 * 1024;

// Ok when only our own user (root) can change the file; kUnreachable when it is not there.
Status CheckOwner(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) {
    return {errno == ENOENT ? Errc::kUnreachable : Errc::kInternal, path + ": " + strerror(errno)};
  }
  if (about.st_uid != geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return {Errc::kPolicy, path + ": others may write to the file; make it root's alone"};
  }
  return Ok();
}

// One line without its end.
Result<std::string> ReadLine(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const Result<Folder> folder = Folder::Open(path.substr(0, slash));
  if (!folder) return folder.error();
  const Result<FileText> file = folder->Read(path.substr(slash + 1), kMaxSmallFile);
  if (!file) return file.error();
  const std::string_view text = file->text.View();
  const std::string_view line = text.substr(0, text.find('\n'));
  if (text.size() > line.size() + 1) return {Errc::kPolicy, path + ": more than one line"};
  return std::string(line);
}

// The keys that the service put in the place of the installed one. The statements are signed, so
// that whoever wrote the file gains nothing by it; one that does not verify is not passed over.
Result<std::vector<VerifyingKey>> LoadSuccessors(const std::string& path, const VerifyingKey& key) {
  const std::size_t slash = path.rfind('/');
  const Result<Folder> folder = Folder::Open(path.substr(0, slash));
  if (!folder) return folder.error();
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 && errno == ENOENT) return std::vector<VerifyingKey>();
  const Result<FileText> file = folder->Read(path.substr(slash + 1), kMaxSmallFile);
  if (!file) return file.error();
  Result<std::vector<VerifyingKey>> keys = FollowSuccessions(key, file->text.View());
  if (!keys) return {Errc::kPolicy, path + ": " + keys.error().detail};
  return keys;
}

Result<std::optional<Enrolment>> LoadEnrolment(const SetpwConfig& config) {
  for (const std::string* path : {&config.device_id_file, &config.permit_key_file}) {
    const Status owner = CheckOwner(*path);
    if (!owner && owner.error().code == Errc::kUnreachable) return std::optional<Enrolment>();
    if (!owner) return owner.error();
  }
  const Result<std::string> line = ReadLine(config.device_id_file);
  if (!line) return line.error();
  const auto bytes = FromHex(*line);
  const auto device = FixedBytesFrom<kDeviceIdBytes>(bytes.value_or(""));
  if (!device) return {Errc::kPolicy, config.device_id_file + ":1: not 64 hexadecimal digits"};
  Result<VerifyingKey> key = VerifyingKey::Load(config.permit_key_file);
  if (!key) return key.error();
  Result<std::vector<VerifyingKey>> successors =
      LoadSuccessors(config.permit_key_file + ".succession", *key);
  if (!successors) return successors.error();
  std::vector<VerifyingKey> keys{*key};
  keys.insert(keys.end(), successors->begin(), successors->end());
  return std::optional<Enrolment>(Enrolment{*device, std::move(keys)});
}

}  // namespace

Result<Startup> LoadStartup(const std::string& config_file, const std::string& etc) {
  if (Status owner = CheckOwner(config_file); !owner) return owner.error();
  const Result<IniFile> file = IniFile::Load(config_file);
  if (!file) return file.error();
  Startup startup;
  Result<SetpwConfig> config = ReadSetpwConfig(*file);
  if (!config) return config.error();
  startup.config = std::move(*config);
  Result<std::optional<Enrolment>> enrolment = LoadEnrolment(startup.config);
  if (!enrolment) return enrolment.error();
  startup.enrolment = std::move(*enrolment);
  Result<MachinePolicy> policy = ReadMachinePolicy(etc);
  if (!policy) return policy.error();
  startup.policy = std::move(*policy);
  // Containers have none; the device id and the journal's key are the machine's own all the same.
  const Result<std::string> machine_id = ReadLine(etc + "/machine-id");
  if (startup.enrolment) startup.journal_binding = View(startup.enrolment->device);
  startup.journal_binding += machine_id ? *machine_id : std::string();
  return startup;
}

std::optional<uid_t> UidOf(const std::string& etc, const std::string& user) {
  const Result<Folder> folder = Folder::Open(etc);
  if (!folder) return std::nullopt;
  const Result<FileText> passwd = folder->Read("passwd", kMaxPasswdBytes);
  if (!passwd) return std::nullopt;
  const auto lines = LinesOf(passwd->text.View(), user);
  if (lines.size() != 1) return std::nullopt;
  const auto fields = SplitFields(lines[0], ':');
  return fields.size() == 7 ? ParseNumber(fields[2]) : std::nullopt;
}

}  // namespace sspr::setpw
