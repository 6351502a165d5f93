// SPDX-License-Identifier: Apache-2.0
// An intruder who has taken sspr-flow over: the code is his, the confinement is the one of
// sspr-flow, by its own functions and in their order.
//
//   hostile_flow bare|confined PORT ATTEMPT ARGUMENT
//
// bare: as root, without any confinement. PORT: of the service. Exit code 0: the attempt succeeded;
// 1: it was refused; 2: the program could not be made ready; a signal: it was killed for it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "common/config/client_config.h"
#include "pam_module/flow/confinement.h"
#include "pam_module/flow/sandbox.h"

namespace {

bool Read(const char* path) {
  char byte = 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  return fd >= 0 && read(fd, &byte, 1) == 1;
}

bool ListFolder(const char* path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0; }

bool Write(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return fd >= 0 && write(fd, "x", 1) == 1;
}

bool Remove(const char* path) { return unlink(path) == 0; }

bool Rename(const char* path) { return rename(path, (std::string(path) + ".moved").c_str()) == 0; }

bool ChangeMode(const char* path) { return chmod(path, 0666) == 0; }

bool Link(const char* path) { return symlink("/etc/shadow", path) == 0; }

bool Execute(const char* path) {
  execl(path, path, nullptr);
  return false;
}

bool Fork(const char*) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return child > 0;
}

bool ConnectTcp(const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

bool ListenTcp(const char*) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(fd, 1) == 0;
}

bool ConnectAbstract(const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + strlen(name));
  return connect(fd, reinterpret_cast<sockaddr*>(&address), size) == 0;
}

bool OtherNetlink(const char*) {
  return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT) >= 0;
}

bool SequencedSocket(const char*) { return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) >= 0; }

bool SignalParent(const char*) { return kill(getppid(), SIGCONT) == 0; }

bool BecomeAnother(const char*) { return setresuid(1000, 1000, 1000) == 0; }

bool BecomeTraced(const char*) { return ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }

bool Mount(const char* path) { return mount("tmpfs", path, "tmpfs", 0, nullptr) == 0; }

bool Unshare(const char*) { return unshare(CLONE_FS) == 0; }

bool WriteAndExecute(const char*) {
  return mmap(nullptr, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

bool WriteThenExecute(const char*) {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool BecomeDumpable(const char*) {
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
}

bool RaiseLimits(const char*) {
  const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
  return setrlimit(RLIMIT_CORE, &more) == 0;
}

int Connect(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  return fd;
}

bool Pass(int from, int to) {
  std::array<char, 4096> piece{};
  const ssize_t got = read(from, piece.data(), piece.size());
  return got > 0 && write(to, piece.data(), static_cast<std::size_t>(got)) == got;
}

// Says to sspr-setpw what it is told on standard input, and gives back what that says.
bool Relay(const char* path) {
  const int other = Connect(path);
  if (other < 0) return false;
  while (true) {
    std::array<pollfd, 2> waiting{{{0, POLLIN, 0}, {other, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) return false;
    if (waiting[1].revents != 0 && !Pass(other, 0)) return true;
    if (waiting[0].revents != 0 && !Pass(0, other)) return true;
  }
}

struct Attempt {
  const char* name;
  bool (*act)(const char*);
};
constexpr Attempt kAttempts[] = {{"read", Read},
                                 {"list", ListFolder},
                                 {"write", Write},
                                 {"remove", Remove},
                                 {"rename", Rename},
                                 {"chmod", ChangeMode},
                                 {"symlink", Link},
                                 {"execute", Execute},
                                 {"fork", Fork},
                                 {"connect", ConnectTcp},
                                 {"listen", ListenTcp},
                                 {"abstract", ConnectAbstract},
                                 {"netlink", OtherNetlink},
                                 {"seqpacket", SequencedSocket},
                                 {"signal", SignalParent},
                                 {"setuid", BecomeAnother},
                                 {"ptrace", BecomeTraced},
                                 {"mount", Mount},
                                 {"unshare", Unshare},
                                 {"write+execute", WriteAndExecute},
                                 {"write-then-execute", WriteThenExecute},
                                 {"dumpable", BecomeDumpable},
                                 {"limits", RaiseLimits},
                                 {"relay", Relay}};

bool TakeThePlaceOfFlow(const std::string& port) {
  sspr::ClientConfig config;
  config.base_url = "https://localhost:" + port + "/corp";
  config.flow_user = sspr::kDefaultFlowUser;
  return sspr::TidyProcess(false).ok() && sspr::Confine(&config, "").ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string name = argv[3];
  if (std::string(argv[1]) != "bare" && !TakeThePlaceOfFlow(argv[2])) return 2;
  for (const Attempt& attempt : kAttempts) {
    if (name == attempt.name) return attempt.act(argv[4]) ? 0 : 1;
  }
  return 2;
}
