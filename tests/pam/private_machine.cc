// SPDX-License-Identifier: Apache-2.0
#include "tests/pam/private_machine.h"

#include <crypt.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace sspr::test {
namespace {

namespace fs = std::filesystem;

void Check(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + std::strerror(errno));
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
}

void Bind(const std::string& from, const std::string& onto) {
  Check(mount(from.c_str(), onto.c_str(), nullptr, MS_BIND, nullptr) == 0, "bind " + onto);
}

}  // namespace

PrivateMachine::PrivateMachine(const std::string& folder) : folder_(folder) {
  Check(unshare(CLONE_NEWNS) == 0, "unshare");
  Check(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");

  WriteFile(
      folder_ + "/passwd",
      "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nlocked:x:1001:1001::/:/bin/sh\n"
      "star:x:1002:1002::/:/bin/sh\nblank:x:1003:1003::/:/bin/sh\n");
  WriteFile(folder_ + "/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\n");
  WriteFile(folder_ + "/shadow", "");
  chmod((folder_ + "/shadow").c_str(), 0600);
  for (const char* name : {"passwd", "shadow", "nsswitch.conf"}) {
    Bind(folder_ + "/" + name, std::string("/etc/") + name);
  }

  const std::string dev = folder_ + "/dev";
  fs::create_directory(dev);
  Check(mount("tmpfs", dev.c_str(), "tmpfs", 0, "mode=0755") == 0, "tmpfs");
  for (const char* name : {"null", "zero", "random", "urandom"}) {
    WriteFile(dev + "/" + name, "");
    Bind(std::string("/dev/") + name, dev + "/" + name);
  }
  log_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (dev + "/log").c_str(), sizeof address.sun_path - 1);
  Check(bind(log_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "log socket");
  Check(mount(dev.c_str(), "/dev", nullptr, MS_MOVE, nullptr) == 0, "move /dev");
  Check(pipe(stop_) == 0, "pipe");
  reader_ = std::thread([this] {
    for (;;) {
      pollfd waits[2] = {{log_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
      poll(waits, 2, -1);
      if (waits[1].revents != 0) return;
      ReadLog();
    }
  });
}

PrivateMachine::~PrivateMachine() {
  close(stop_[1]);
  reader_.join();
  close(stop_[0]);
  close(log_);
}

void PrivateMachine::SetPassword(const std::string& password) const {
  crypt_data data{};
  const std::string hash = crypt_r(password.c_str(), "$6$rounds=1000$saltsalt$", &data);
  const std::string rest = ":19000:0:99999:7:::\n";
  WriteFile(folder_ + "/shadow", "root:" + hash + rest + "alice:" + hash + rest + "locked:!" +
                                     hash + rest + "star:*" + rest + "blank:" + rest);
}

void PrivateMachine::ReadLog() {
  const std::lock_guard lock(mutex_);
  char message[4096];
  for (ssize_t size = recv(log_, message, sizeof message, 0); size >= 0;
       size = recv(log_, message, sizeof message, 0)) {
    said_.append(message, static_cast<std::size_t>(size));
    said_ += '\n';
  }
}

std::string PrivateMachine::TakeLog() {
  ReadLog();  // what was sent before this call is in the socket or read already
  const std::lock_guard lock(mutex_);
  return std::exchange(said_, {});
}

}  // namespace sspr::test
