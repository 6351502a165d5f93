// SPDX-License-Identifier: Apache-2.0
// An intruder in the place of sspr-flow, under its own confinement and uid: what he tries is
// refused, and each of it would have succeeded without. Then he has sspr-setpw to talk to, the real
// one, which must believe him nothing.
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>

#include "common/base/setpw_frames.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

constexpr char kSetpwSocket[] = "/run/sspr/setpw.sock";
constexpr int kRefused = 1;
constexpr int kKilled = 128 + SIGSYS;

void Check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) { Check(fd >= 0, "descriptor"); }
  ~Descriptor() { close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// A port of the loopback that takes connections.
class TcpListener : public Descriptor {
 public:
  TcpListener() : Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    Check(bind(fd(), general, size) == 0 && listen(fd(), 8) == 0 &&
              getsockname(fd(), general, &size) == 0,
          "listen");
    port_ = std::to_string(ntohs(address.sin_port));
  }
  const std::string& port() const { return port_; }

 private:
  std::string port_;
};

class UnixListener : public Descriptor {
 public:
  // A name that begins with '\0' is an abstract one.
  UnixListener(const std::string& name, uid_t owner)
      : Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    Check(bind(fd(), reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd(), 8) == 0,
          "listen on a unix socket");
    if (name[0] != '\0') {
      Check(chmod(name.c_str(), 0600) == 0 && chown(name.c_str(), owner, 0) == 0, "chown");
    }
  }
};

pid_t Start(const std::vector<std::string>& words, int standard_input) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.data()));
  pointers.push_back(nullptr);
  const pid_t pid = fork();
  Check(pid >= 0, "fork");
  if (pid == 0) {
    dup2(standard_input, 0);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  return pid;
}

int StatusOf(pid_t pid) {
  int status = 0;
  Check(waitpid(pid, &status, 0) == pid, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

long LandlockVersion() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

class HostileFlowTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    unlink(kSetpwSocket);
    WriteFile("/run/for-everybody", "anybody may read this, and write it\n", 0666);
    WriteFile("/var/lib/sspr/journal.key", std::string(32, 'k'), 0600);
    mkdir("/run/open", 0777);
    Check(chmod("/run/open", 0777) == 0, "chmod");
    WriteFile("/run/open/file", "x", 0666);
    Check(chown("/run/open/file", kFlowUid, 0) == 0, "chown");
    mkdir("/run/sspr", 0755);
  }
  int Try(const char* how, const std::string& attempt, const std::string& argument) {
    return StatusOf(Start({HOSTILE_FLOW, how, service_.port(), attempt, argument}, 0));
  }
  TcpListener service_;
};

TEST_F(HostileFlowTest, WhatHeTriesIsRefusedAndSucceedsWithoutConfinement) {
  struct Row {
    const char* attempt;
    const char* argument;
    int confined;
  };
  const Row rows[] = {
      {"read", "/etc/shadow", kRefused},
      {"read", "/var/lib/sspr/journal.key", kRefused},
      {"read", "/run/for-everybody", kRefused},
      {"list", "/run/open", kRefused},
      {"write", "/etc/shadow", kRefused},
      {"write", "/run/for-everybody", kRefused},
      {"write", "/run/open/new", kRefused},
      {"chmod", "/run/open/file", kRefused},
      {"symlink", "/run/open/link", kRefused},
      {"rename", "/run/open/file", kRefused},
      {"remove", "/run/open/new", kRefused},
      {"execute", "/bin/true", kKilled},
      {"fork", "", kKilled},
      {"ptrace", "", kKilled},
      {"mount", "/run/open", kKilled},
      {"unshare", "", kKilled},
      {"setuid", "", kKilled},
      {"netlink", "", kRefused},
      {"seqpacket", "", kRefused},
      {"listen", "", kRefused},
      {"signal", "", kRefused},
      {"write+execute", "", kRefused},
      {"write-then-execute", "", kRefused},
      {"dumpable", "", kRefused},
      {"limits", "", kRefused},
  };
  // Confined first: what is removed or moved without confinement must still be there.
  for (const Row& row : rows) {
    // What its modes let everybody do, Landlock alone refuses.
    const bool by_landlock = std::string_view(row.argument) == "/run/for-everybody" ||
                             std::string_view(row.attempt) == "list";
    if (by_landlock && LandlockVersion() < 1) continue;
    if (std::string_view(row.attempt) == "remove") WriteFile(row.argument, "x", 0666);
    EXPECT_EQ(Try("confined", row.attempt, row.argument), row.confined)
        << row.attempt << " " << row.argument;
    if (std::string_view(row.argument) == "/run/open/new") unlink(row.argument);
  }
  for (const Row& row : rows) {
    EXPECT_EQ(Try("bare", row.attempt, row.argument), 0)
        << row.attempt << " " << row.argument << " proves nothing";
  }
}

TEST_F(HostileFlowTest, HeReachesTheServiceAndNoOtherPort) {
  const TcpListener elsewhere;
  EXPECT_EQ(Try("confined", "connect", service_.port()), 0);
  EXPECT_EQ(Try("confined", "read", "/etc/passwd"), 0);
  EXPECT_EQ(Try("bare", "connect", elsewhere.port()), 0);
  if (LandlockVersion() < 4) GTEST_SKIP() << "this kernel cannot limit ports";
  EXPECT_EQ(Try("confined", "connect", elsewhere.port()), kRefused);
  if (LandlockVersion() < 6) GTEST_SKIP() << "this kernel cannot limit abstract sockets";
  const UnixListener abstract(std::string("\0hostile-flow-test", 18), 0);
  EXPECT_EQ(Try("bare", "abstract", "hostile-flow-test"), 0);
  EXPECT_EQ(Try("confined", "abstract", "hostile-flow-test"), kRefused);
}

// A connection to the real sspr-setpw through the confined intruder.
class Intruder {
 public:
  Intruder(const UnixListener& listener, const std::string& port) {
    int ends[2];
    Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    relay_ = Start({HOSTILE_FLOW, "confined", port, "relay", kSetpwSocket}, ends[1]);
    close(ends[1]);
    const Descriptor accepted(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    ucred peer{};
    socklen_t size = sizeof peer;
    Check(getsockopt(accepted.fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0, "peer");
    uid_ = peer.uid;
    setpw_.emplace(Start({SSPR_SETPW_PROGRAM}, accepted.fd()), ends[0]);
  }
  ~Intruder() {
    setpw_.reset();
    kill(relay_, SIGKILL);
    waitpid(relay_, nullptr, 0);
  }
  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;
  SetpwProcess& setpw() { return *setpw_; }
  uid_t uid() const { return uid_; }

 private:
  pid_t relay_ = -1;
  uid_t uid_ = 0;
  std::optional<SetpwProcess> setpw_;
};

class HostilePermitTest : public HostileFlowTest {
 protected:
  void SetUp() override {
    HostileFlowTest::SetUp();
    listener_.emplace(kSetpwSocket, kFlowUid);
  }
  void ExpectRefused(SetpwProcess& setpw, const std::string& permit, const char* what) {
    const auto reply = setpw.Ask(FrameType::kCommit, permit);
    ASSERT_TRUE(reply) << what;
    EXPECT_EQ(reply->type, FrameType::kFailed) << what;
    EXPECT_EQ(reply->payload, std::string(1, static_cast<char>(FailureReason::kBadPermit))) << what;
    EXPECT_TRUE(machine().Accepts("alice", kOldPassword)) << what;
    EXPECT_TRUE(machine().Accepts("bob", kOldPassword)) << what;
    EXPECT_EQ(machine().WhatIsDamaged(), "") << what;
  }
  std::optional<UnixListener> listener_;
};

TEST_F(HostilePermitTest, WithAPermitForWhatThePersonChoseHeIsServed) {
  Intruder intruder(*listener_, service_.port());
  EXPECT_EQ(intruder.uid(), kFlowUid);
  const Proposal proposal = ProposeFor(intruder.setpw());
  EXPECT_EQ(intruder.setpw().Ask(FrameType::kCommit, SignedFor(proposal))->type,
            FrameType::kCommitted);
  EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
}

TEST_F(HostilePermitTest, AForgedOneIsRefused) {
  Intruder intruder(*listener_, service_.port());
  const Permit permit = PermitFor(ProposeFor(intruder.setpw()));
  const SigningKey own = SigningKey::Generate().value();
  ExpectRefused(intruder.setpw(), std::string(View(SignPermit(own, permit).value())), "own key");
}

TEST_F(HostilePermitTest, AReplayedOneIsRefused) {
  std::string spent;
  {
    Intruder intruder(*listener_, service_.port());
    const Proposal proposal = ProposeFor(intruder.setpw());
    spent = SignedFor(proposal);
    ASSERT_EQ(intruder.setpw().Ask(FrameType::kCommit, spent)->type, FrameType::kCommitted);
  }
  // The owner has the old password back; the permit is still within its hours.
  machine().Reset();
  Intruder again(*listener_, service_.port());
  ProposeFor(again.setpw());
  ExpectRefused(again.setpw(), spent, "spent");
}

TEST_F(HostilePermitTest, AMisdirectedOneIsRefused) {
  const auto misdirected = [this](const char* what, auto change) {
    machine().Reset();
    Intruder intruder(*listener_, service_.port());
    const Proposal proposal = ProposeFor(intruder.setpw(), "bob");
    Permit permit = PermitFor(proposal, "bob");
    change(permit);
    ExpectRefused(intruder.setpw(), machine().Signed(permit), what);
  };
  misdirected("of another account", [](Permit& permit) { permit.account = "alice"; });
  misdirected("of another machine", [](Permit& permit) { permit.device_id.fill('o'); });
  misdirected("of another session", [](Permit& permit) { permit.nonce.fill('n'); });
  misdirected("for another password", [](Permit& permit) { permit.commitment.fill('c'); });
  misdirected("of another transaction",
              [](Permit& permit) { permit.transaction_id = TransactionNumber('x'); });
}

TEST_F(HostilePermitTest, ThePasswordCannotBeExchangedBehindThePermit) {
  Intruder intruder(*listener_, service_.port());
  const std::string permit = SignedFor(ProposeFor(intruder.setpw()));
  const auto exchanged =
      intruder.setpw().Propose(TransactionNumber('u'), "what the intruder wants 17");
  ASSERT_TRUE(exchanged);
  ASSERT_EQ(exchanged->type, FrameType::kProposed);
  ExpectRefused(intruder.setpw(), permit, "another password");
}

TEST_F(HostilePermitTest, NobodyElseCanBeNamed) {
  for (const char* name : {"root", "daemon", "sspr", "carol", "dave", "nobody-of-that-name"}) {
    Intruder intruder(*listener_, service_.port());
    const auto reply = intruder.setpw().Prepare(name);
    ASSERT_TRUE(reply) << name;
    EXPECT_EQ(reply->type, FrameType::kRefused) << name;
  }
  // Alice's session is hers: the name in the permit does not make it another's.
  Intruder intruder(*listener_, service_.port());
  const Proposal proposal = ProposeFor(intruder.setpw());
  ExpectRefused(intruder.setpw(), SignedFor(proposal, "bob"), "bob's, in alice's session");
  EXPECT_EQ(RunSetpw({"--recover"}, nullptr), 1) << "alice's entry waits for the service";
}

}  // namespace
}  // namespace sspr::test
