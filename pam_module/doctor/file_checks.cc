// SPDX-License-Identifier: Apache-2.0
// Files of the machine: owners, modes, the enrolment.
#include <sys/stat.h>

#include <array>
#include <cstdio>

#include "common/machine/permit_chain.h"
#include "common/protocol/base64url.h"
#include "common/protocol/device_key.h"
#include "pam_module/doctor/machine_checks.h"
#include "pam_module/machine/machine_files.h"

namespace sspr::doctor {
namespace {

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthersAll = S_IRWXG | S_IRWXO;

struct Wanted {
  std::string path;  // as a path of the machine
  uid_t owner;
  mode_t forbidden;
  Level level;  // of a breach
  const char* remedy;
};

std::string Octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

// False when it is there and is not as wanted.
bool IsAsWanted(const MachineView& view, const Wanted& wanted, Report& report) {
  const std::optional<FileFacts> facts = LookAt(view.At(wanted.path));
  if (!facts) return true;
  std::string what;
  if (facts->owner != wanted.owner) {
    what = "belongs to uid " + std::to_string(facts->owner) + " instead of " +
           std::to_string(wanted.owner);
  } else if ((facts->mode & wanted.forbidden) != 0) {
    what = "has mode " + Octal(facts->mode) + ", which gives others too much";
  } else {
    return true;
  }
  report.Add(FindingId::kFileModes, wanted.level, wanted.path, what, wanted.remedy);
  return false;
}

std::string FolderOf(const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/'));
  return folder.empty() ? "/" : folder;
}

// sspr-flow has no privileges when it opens these.
bool ReadableByFlow(const MachineView& view, const std::string& path, uid_t flow_uid,
                    Report& report) {
  const std::optional<FileFacts> facts = LookAt(view.At(path));
  if (!facts || (facts->mode & S_IROTH) != 0 || facts->owner == flow_uid) return true;
  report.Add(FindingId::kFileModes, Level::kWarning, path,
             "sspr-flow may not be able to read it (mode " + Octal(facts->mode) + ")",
             "chmod 0644 " + path + "; there is no secret in it");
  return false;
}

std::string IdOfKey(const MachineView& view, const Machine& machine, Report& report) {
  const Result<DeviceKey> key = DeviceKey::Load(machine.KeyFile());
  if (key.ok()) return Hex(key->Public().thumbprint());
  const bool unread = LookAt(machine.KeyFile()) && geteuid() != view.administrator();
  report.Add(FindingId::kEnrolment, unread ? Level::kNote : Level::kFault,
             machine.client.device_key_file,
             "the device's key cannot be used: " + key.error().detail,
             unread ? "run sspr-doctor as root to know more"
                    : "give it back to its owner with mode 0600, or run sspr-enroll enroll");
  return "";
}

}  // namespace

void CheckFiles(const MachineView& view, const Machine& machine, Report& report) {
  const std::optional<uid_t> flow = UidIn(machine, machine.client.flow_user);
  if (!flow) {
    report.Add(FindingId::kFlowUser, Level::kFault, machine.client.flow_user,
               "there is no such account, and sspr-flow runs as it",
               "useradd --system " + machine.client.flow_user +
                   ", or name another one as 'flow_user' in sspr.conf");
    return;
  }
  const uid_t admin = view.administrator();
  const std::string alone = "root alone may write it: whoever else can sets passwords here";
  const Wanted all[] = {
      {FolderOf(machine.config_file), admin, kOthersWrite, Level::kFault, "chown root, chmod 0755"},
      {machine.config_file, admin, kOthersWrite, Level::kFault, "chown root, chmod 0644"},
      {machine.setpw.permit_key_file, admin, kOthersWrite, Level::kFault, "chown root, chmod 0644"},
      {machine.setpw.device_id_file, admin, kOthersWrite, Level::kFault, "chown root, chmod 0644"},
      {machine.setpw.state_dir, admin, kOthersAll, Level::kFault, "chown root, chmod 0700"},
      {machine.client.device_key_file, *flow, kOthersAll, Level::kFault,
       "chown it to 'flow_user', chmod 0600"},
      {machine.client.resume_secret_file, *flow, kOthersAll, Level::kWarning,
       "chown it to 'flow_user', chmod 0400"},
  };
  bool good = true;
  for (const Wanted& wanted : all) good = IsAsWanted(view, wanted, report) && good;
  good = ReadableByFlow(view, machine.config_file, *flow, report) && good;
  if (!machine.client.ca_file.empty()) {
    good = ReadableByFlow(view, machine.client.ca_file, *flow, report) && good;
    if (!LookAt(machine.CaFile())) {
      report.Add(FindingId::kConfiguration, Level::kFault, machine.client.ca_file,
                 "'ca_file' of sspr.conf is not there",
                 "put the authority's certificate there, or take the line out to trust the "
                 "system's");
      good = false;
    }
  }
  if (good) {
    report.Add(FindingId::kFileModes, Level::kGood, FolderOf(machine.config_file),
               "owners and modes are as they should be");
  }
  if (!LookAt(machine.At(machine.client.resume_secret_file))) {
    report.Add(FindingId::kFileModes, Level::kNote, machine.client.resume_secret_file,
               "it is not there, so a reset that is cut off starts again", "sspr-enroll makes it");
  }
}

void CheckEnrolment(const MachineView& view, const Machine& machine, Report& report) {
  const Result<std::string> pem = ReadFileOf(machine.PermitKeyFile(), 64 * 1024);
  const bool has_id = LookAt(machine.DeviceIdFile()).has_value();
  const std::string enrol = "run sspr-enroll enroll with a token of 'ssprctl devices token'";
  if (!pem.ok() || !has_id) {
    report.Add(FindingId::kPermitKeys, Level::kWarning,
               pem.ok() ? machine.setpw.device_id_file : machine.setpw.permit_key_file,
               "it is not there: accounts of this machine cannot be reset, those of a directory "
               "can",
               enrol);
  } else {
    const Result<std::string> more = ReadFileOf(machine.SuccessionFile(), 64 * 1024);
    const auto chain = ReadChain(*pem, more.ok() ? *more : std::string());
    report.Add(FindingId::kPermitKeys, chain.ok() ? Level::kGood : Level::kFault,
               machine.setpw.permit_key_file,
               chain.ok() ? "the keys of permits are sound" : chain.error().detail,
               chain.ok() ? "" : "run sspr-enroll enroll --replace-permit-key");
  }
  if (!LookAt(machine.KeyFile())) {
    const bool named = machine.client.device_key_named;
    report.Add(FindingId::kEnrolment, named ? Level::kFault : Level::kNote,
               machine.client.device_key_file,
               named ? "sspr.conf names this key, and it is not there"
                     : "there is no key: the machine is not enrolled, and the service decides "
                       "whether it answers",
               enrol);
    return;
  }
  const std::string id = IdOfKey(view, machine, report);
  if (id.empty()) return;
  const std::string written = view.Text(machine.setpw.device_id_file).value_or("");
  const bool same = written.substr(0, written.find('\n')) == id;
  report.Add(FindingId::kEnrolment, same ? Level::kGood : Level::kFault,
             same ? machine.client.device_key_file : machine.setpw.device_id_file,
             same ? "the device's key is there, its id is " + id
                  : "it is not the id of the device's key, so no permit fits this machine",
             same ? "" : "run sspr-enroll enroll");
}

}  // namespace sspr::doctor
