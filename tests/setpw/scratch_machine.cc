// SPDX-License-Identifier: Apache-2.0
#include "tests/setpw/scratch_machine.h"

#include <crypt.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "pam_module/setpw/account_lines.h"

namespace sspr::test {
namespace {

namespace fs = std::filesystem;

void Check(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what + ": " + strerror(errno));
}

void MountTmpfs(const char* at) {
  Check(mount("tmpfs", at, "tmpfs", MS_NOSUID, "mode=0755") == 0, std::string("tmpfs on ") + at);
}

void MakeDevice(const char* name, unsigned minor_number) {
  const std::string path = std::string("/run/scratch-dev/") + name;
  Check(mknod(path.c_str(), S_IFCHR | 0666, makedev(1, minor_number)) == 0, "mknod " + path);
  Check(chmod(path.c_str(), 0666) == 0, "chmod " + path);
}

std::string Hash(const char* password) {
  crypt_data data{};
  const char* const made = crypt_rn(password, "$6$rounds=1000$saltsaltsalt$", &data, sizeof data);
  Check(made != nullptr && made[0] == '$', "crypt");
  return made;
}

int ListenToLog() {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/dev/log");
  Check(fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
        "/dev/log");
  return fd;
}

}  // namespace

void WriteFile(const std::string& path, std::string_view text, unsigned mode) {
  fs::create_directories(fs::path(path).parent_path());
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    Check(static_cast<bool>(out.flush()), "write " + path);
  }
  Check(chmod(path.c_str(), mode) == 0, "chmod " + path);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Check(static_cast<bool>(in), "read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

ScratchMachine::ScratchMachine() : key_(SigningKey::Generate().value()) {
  Check(unshare(CLONE_NEWNS) == 0, "unshare");
  Check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  MountTmpfs("/run");
  MountTmpfs("/var/lib");
  Check(mkdir("/run/scratch-dev", 0755) == 0 && mkdir("/run/scratch-etc", 0755) == 0, "mkdir");
  Check(mount("tmpfs", "/run/scratch-dev", "tmpfs", MS_NOSUID, "mode=0755") == 0, "tmpfs for dev");
  MakeDevice("null", 3);
  MakeDevice("zero", 5);
  MakeDevice("random", 8);
  MakeDevice("urandom", 9);
  Check(mount("/run/scratch-dev", "/dev", nullptr, MS_BIND, nullptr) == 0, "bind /dev");
  Check(mount("/run/scratch-etc", "/etc", nullptr, MS_BIND, nullptr) == 0, "bind /etc");
  log_ = ListenToLog();
  device_.fill('\x5A');
  Reset();
  log_reader_ = std::jthread([this](const std::stop_token& stop) { ReadLog(stop); });
}

void ScratchMachine::Reset() {
  for (const char* folder : {"/etc", "/var/lib"}) {
    for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
  }
  Check(mkdir("/var/lib/sspr", 0700) == 0, "mkdir /var/lib/sspr");
  fs::remove_all("/run/faillock");
  WriteAccounts();
  WriteEnrolment();
  WriteFile("/etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n");
  WriteFile("/etc/login.defs", "ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 1000\n");
  WriteFile("/etc/pam.d/common-password",
            "password [success=1 default=ignore] pam_unix.so obscure sha512 rounds=1000\n"
            "password requisite pam_deny.so\n");
  TakeLog();
}

void ScratchMachine::WriteAccounts() {
  WriteFile("/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\n"
            "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
            "sspr:x:990:990::/nonexistent:/usr/sbin/nologin\n"
            "alice:x:1000:1000:Alice:/home/alice:/bin/bash\n"
            "bob:x:1001:1001:Bob:/home/bob:/bin/bash\n"
            "carol:x:1002:1002:Carol, an administrator:/home/carol:/bin/bash\n"
            "dave:x:1003:1003:Dave, locked:/home/dave:/bin/bash\n");
  const std::string hash = Hash(kOldPassword);
  shadow_ = "root:" + hash + ":19700:0:99999:7:::\n" + "daemon:*:19700:0:99999:7:::\n" +
            "sspr:!*:19700::::::\n" + "alice:" + hash + ":19700:0:99999:7:::\n" + "bob:" + hash +
            ":19700:0:99999:7:::\n" + "carol:" + hash + ":19700:0:99999:7:::\n" + "dave:!" + hash +
            ":19700:0:99999:7:::\n";
  WriteFile("/etc/shadow", shadow_, 0640);
  Check(chown("/etc/shadow", 0, 42) == 0, "chown /etc/shadow");
  WriteFile("/etc/group", "root:x:0:\nsudo:x:27:carol\nshadow:x:42:\nalice:x:1000:\n");
}

void ScratchMachine::WriteEnrolment() {
  WriteFile("/etc/sspr/sspr.conf", "[machine]\nmin_uid = 1000\n");
  WriteFile("/etc/sspr/device.id", ToHex(View(device_)) + "\n");
  WriteFile("/etc/sspr/permit.pub", key_.PublicPem().value());
}

Permit ScratchMachine::PermitFor(std::string_view account, const Nonce& nonce,
                                 const Commitment& commitment,
                                 const TransactionId& transaction) const {
  Permit permit;
  permit.key_id = 1;
  permit.account = account;
  permit.device_id = device_;
  permit.nonce = nonce;
  permit.commitment = commitment;
  permit.issued_at = std::time(nullptr);
  permit.expires_at = permit.issued_at + 600;
  permit.transaction_id = transaction;
  return permit;
}

std::string ScratchMachine::Signed(const Permit& permit) const {
  return std::string(View(SignPermit(key_, permit).value()));
}

std::string ScratchMachine::HashOf(std::string_view account) {
  const std::string shadow = ReadFile("/etc/shadow");
  const auto lines = setpw::LinesOf(shadow, account);
  return lines.size() == 1 ? std::string(setpw::SplitFields(lines[0], ':').at(1)) : "";
}

bool ScratchMachine::Accepts(std::string_view account, const char* password) {
  const std::string hash = HashOf(account);
  crypt_data data{};
  const char* const made = crypt_rn(password, hash.c_str(), &data, sizeof data);
  return made != nullptr && hash == made;
}

std::string ScratchMachine::WhatIsDamaged() const {
  for (const auto& entry : fs::directory_iterator("/etc")) {
    if (entry.path().filename().string().find("sspr-new") != std::string::npos) {
      return "left over: " + entry.path().string();
    }
  }
  struct stat about {};
  if (stat("/etc/shadow", &about) != 0 || (about.st_mode & 07777u) != 0640 || about.st_gid != 42) {
    return "mode or owner of /etc/shadow";
  }
  const std::string now = ReadFile("/etc/shadow");
  const auto before = setpw::SplitLines(shadow_);
  const auto after = setpw::SplitLines(now);
  if (before.size() != after.size() || !now.ends_with('\n')) return "lines of /etc/shadow";
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    const auto old_fields = setpw::SplitFields(before[i], ':');
    auto new_fields = setpw::SplitFields(after[i], ':');
    if (new_fields.size() != old_fields.size() || new_fields[0] != "alice") {
      return "line " + std::to_string(i + 1) + " of /etc/shadow";
    }
    new_fields[1] = old_fields[1];
    new_fields[2] = old_fields[2];
    if (new_fields != old_fields) return "other fields of alice's line";
  }
  return "";
}

std::vector<std::string> ScratchMachine::JournalFiles() {
  std::vector<std::string> names;
  if (!fs::exists("/var/lib/sspr/journal")) return names;
  for (const auto& entry : fs::directory_iterator("/var/lib/sspr/journal")) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

void ScratchMachine::MakeEtcReadOnly(bool read_only) {
  unsigned long flags = MS_REMOUNT | MS_BIND;
  if (read_only) flags |= MS_RDONLY;
  Check(mount(nullptr, "/etc", nullptr, flags, nullptr) == 0, "remount /etc");
}

void ScratchMachine::ReadLog(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{log_, POLLIN, 0};
    if (poll(&waiting, 1, 50) <= 0) continue;
    DrainLog();
  }
}

void ScratchMachine::DrainLog() {
  const std::lock_guard lock(log_mutex_);
  char line[2048];
  ssize_t got = 0;
  while ((got = recv(log_, line, sizeof line, MSG_DONTWAIT)) > 0) {
    log_text_.append(line, static_cast<std::size_t>(got)).append("\n");
  }
}

std::string ScratchMachine::TakeLog() {
  DrainLog();
  const std::lock_guard lock(log_mutex_);
  return std::exchange(log_text_, {});
}

}  // namespace sspr::test
