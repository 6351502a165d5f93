// SPDX-License-Identifier: Apache-2.0
// The real pam_sspr.so in hosts that do everything wrong: each host is a process of its own, plays
// a whole reset against a scripted sspr-flow, lives on, and finds itself as it was before.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/frame.h"
#include "tests/pam/pam_host.h"

namespace sspr::test {
namespace {

Scratch* scratch = nullptr;  // made before main drops privileges

std::string HostPath() { return scratch->path() + "/hostile_host"; }

// The order of the calls of the conversation function in a whole reset.
enum Call { kTrigger, kGreeting, kCode, kNewPassword, kAgain, kFarewell, kCalls };

struct Ending {
  int status = -1;      // as waitpid gives it
  int result = -1;      // of pam_authenticate
  int calls = -1;       // of the conversation function
  std::string changed;  // what the login changed in its host
};

// A reset in which sspr-flow says everything at once, whatever the host does.
void SayEverything(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  peer.Send(FrameType::kInfo, "You can set a new password now.");
  peer.Send(FrameType::kAskVisible, "Code: ");
  peer.Send(FrameType::kAskHidden, "New password: ");
  peer.Send(FrameType::kAskHidden, "Again: ");
  peer.SendDone(Outcome::kPasswordSet, 2, "You are signed in.");
  peer.Drain();
}

Ending RunHost(const std::vector<std::string>& words, const std::string& service = "login") {
  const std::string report = scratch->path() + "/report";
  std::filesystem::remove(report);
  std::vector<std::string> line = {HostPath(), scratch->path(), service, report};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<char*> argv;
  argv.reserve(line.size() + 1);
  for (std::string& word : line) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  Ending ending;
  waitpid(pid, &ending.status, 0);
  std::ifstream file(report);
  std::string skipped;
  file >> skipped >> ending.result >> skipped >> ending.calls;
  std::getline(file, skipped);
  std::stringstream rest;
  rest << file.rdbuf();
  ending.changed = rest.str();
  return ending;
}

std::string Words(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += word + " ";
  return all;
}

class HostSafety : public testing::Test {
 protected:
  HostSafety() {
    for (const char* service : {"login", "gdm-password"}) {
      scratch->WriteService(service, "-auth [success=ignore ignore=ignore default=ignore] " +
                                         scratch->Module() + " socket=" + scratch->Socket() +
                                         "\nauth required " + scratch->Expect() +
                                         " password=right\n");
    }
  }

  static void ExpectUnharmed(const Ending& ending) {
    EXPECT_TRUE(WIFEXITED(ending.status) && WEXITSTATUS(ending.status) == 0) << ending.status;
    EXPECT_EQ(ending.changed, "");
  }
};

TEST_F(HostSafety, ATameHostIsResetAndLeftAsItWas) {
  FlowPeer flow(*scratch, SayEverything);
  const Ending ending = RunHost({});
  ExpectUnharmed(ending);
  EXPECT_EQ(ending.result, PAM_SUCCESS);
  EXPECT_EQ(ending.calls, kCalls);
}

TEST_F(HostSafety, EveryWayOfBeingHostileIsSurvivedWithTheResetDone) {
  const std::vector<std::vector<std::string>> hosts = {
      {"reaper"},
      {"threads"},
      {"no-standard"},
      {"full"},
      {"no-new-privs"},
      {"locale"},
      {"alarm"},
      {"masked"},
      {"reaper", "threads", "no-new-privs", "locale", "alarm", "no-standard"}};
  for (const auto& words : hosts) {
    SCOPED_TRACE(Words(words));
    FlowPeer flow(*scratch, SayEverything);
    const Ending ending = RunHost(words);
    ExpectUnharmed(ending);
    EXPECT_EQ(ending.result, PAM_SUCCESS);
    EXPECT_EQ(ending.calls, kCalls);
  }
}

// In the service login the module would put this timer off; a greeter's timers are its own.
TEST_F(HostSafety, SignalsAtEveryMomentInterruptNothing) {
  FlowPeer flow(*scratch, SayEverything);
  const Ending ending = RunHost({"interrupts"}, "gdm-password");
  ExpectUnharmed(ending);
  EXPECT_EQ(ending.result, PAM_SUCCESS);
}

// "full" leaves two descriptors free, enough with 0 to 2 open. With those closed they are below 3,
// where the module must not put a socket.
TEST_F(HostSafety, WithoutADescriptorForASocketTheNormalPromptFollows) {
  for (const auto& words :
       {std::vector<std::string>{"full-later"}, std::vector<std::string>{"full", "no-standard"}}) {
    SCOPED_TRACE(Words(words));
    FlowPeer flow(*scratch, SayEverything);
    const Ending ending = RunHost(words);
    ExpectUnharmed(ending);
    EXPECT_NE(ending.result, PAM_SUCCESS);  // the normal prompt got a wrong password
    EXPECT_EQ(ending.calls, 3);             // trigger, one sentence, normal prompt
    EXPECT_EQ(flow.connections(), 0);
  }
}

TEST_F(HostSafety, AConversationThatFailsAnywhereInAnyWaySetsNothing) {
  for (const char* kind :
       {"error", "abort", "again", "nonsense", "nothing", "null", "long", "dangling"}) {
    for (int call = kTrigger; call < kCalls; ++call) {
      SCOPED_TRACE(std::string(kind) + " at call " + std::to_string(call));
      FlowPeer flow(*scratch, SayEverything);
      const Ending ending =
          RunHost({std::string(kind) + "@" + std::to_string(call), "reaper", "threads"});
      ExpectUnharmed(ending);
      const std::string name = kind;
      const bool message = call == kGreeting || call == kFarewell;
      const bool success = name == "nothing" || name == "null" || name == "long";
      // After the farewell all is done, a message needs no response, and what is too long is asked
      // for again.
      const bool asked_again = name == "long" && call != kTrigger;
      const bool harmless = call == kFarewell || (message && success) || asked_again;
      EXPECT_EQ(ending.result, harmless ? PAM_SUCCESS : PAM_AUTH_ERR);
    }
  }
}

TEST_F(HostSafety, WithoutSsprFlowAHostileHostIsLeftAsItWas) {
  const Ending ending = RunHost({"reaper", "threads", "no-standard", "locale", "alarm"});
  ExpectUnharmed(ending);
  EXPECT_EQ(ending.result, PAM_AUTH_ERR);
  EXPECT_EQ(ending.calls, 3);
}

}  // namespace
}  // namespace sspr::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sspr::test::Scratch scratch;
  std::filesystem::copy_file(HOSTILE_HOST_PATH, scratch.path() + "/hostile_host");
  chmod((scratch.path() + "/hostile_host").c_str(), 0755);
  sspr::test::DropPrivileges(scratch);
  sspr::test::scratch = &scratch;
  return RUN_ALL_TESTS();
}
