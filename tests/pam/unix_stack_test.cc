// SPDX-License-Identifier: Apache-2.0
// The stacks of docs/pam-stack.md, word for word, with the real pam_unix behind the real module:
// whatever is broken of ours, the right password gets in and no other does. Needs root for a mount
// namespace with accounts and a system log of its own.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/frame.h"
#include "tests/pam/pam_host.h"
#include "tests/pam/private_machine.h"

namespace sspr::test {
namespace {

constexpr int kSkipped = 77;
constexpr uid_t kNobody = 65534;
constexpr char kNormalPrompt[] = "Password: ";
constexpr char kOurPrompt[] = "Password (empty if forgotten): ";
constexpr char kAfterFailure[] = "Forgot your password?";
constexpr char kRight[] = "Right-3-canary";
constexpr char kWrong[] = "Wrong-5-canary";
constexpr char kNew[] = "Brand-new-7-canary";

const Scratch* scratch = nullptr;
PrivateMachine* machine = nullptr;

void Replace(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// The nth stack of the document, with the module's path and the words that a test needs.
std::string DocumentedStack(int n, const std::string& module, const std::string& words) {
  std::ifstream document(PAM_STACK_DOCUMENT);
  std::stringstream all;
  all << document.rdbuf();
  const std::string text = all.str();
  std::size_t at = 0;
  std::string stack;
  for (int i = 0; i <= n; ++i) {
    const std::size_t begin = text.find("```\n", at) + 4;
    const std::size_t end = text.find("```\n", begin);
    if (end == std::string::npos) throw std::runtime_error("no such stack in the document");
    stack = text.substr(begin, end - begin);
    at = end + 4;
  }
  EXPECT_NE(stack.find("pam_sspr.so"), std::string::npos);
  Replace(stack, "pam_sspr.so", module + " lang=en " + words);
  Replace(stack, "pam_unix.so", "pam_unix.so nodelay");  // no two seconds per wrong password
  return stack;
}

void WritePromptStack(const std::string& module, const std::string& words) {
  scratch->WriteService("login", DocumentedStack(0, module, words));
}

void WriteFailureStack(const std::string& words) {
  scratch->WriteService("login", DocumentedStack(1, scratch->Module(), words));
}

std::string SocketWord() { return "socket=" + scratch->Socket(); }

int Login(std::vector<Line> lines, const std::string& user = "alice") {
  return Authenticate(*scratch, "login", user, Script(std::move(lines)));
}

// A reset that sets the local password, as sspr-setpw would, and hands it to the stack.
void PlayReset(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password: ", 0), kNew);
  machine->SetPassword(kNew);
  peer.SendDone(Outcome::kPasswordSet, 0);
}

void PlayRefusal(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
}

class UnixStack : public testing::Test {
 protected:
  UnixStack() {
    machine->SetPassword(kRight);
    machine->TakeLog();
  }
  ~UnixStack() override {
    const std::string log = machine->TakeLog();
    for (const char* secret : {kRight, kWrong, kNew}) {
      EXPECT_EQ(log.find(secret), std::string::npos) << log;
    }
  }
};

TEST_F(UnixStack, ThePasswordDecidesAsBefore) {
  WritePromptStack(scratch->Module(), SocketWord());
  EXPECT_EQ(Login({Hidden(kOurPrompt, kRight)}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kOurPrompt, kWrong)}), PAM_AUTH_ERR);
  WriteFailureStack(SocketWord());
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kRight)}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kWrong), Visible(kAfterFailure, "")}), PAM_AUTH_ERR);
  EXPECT_EQ(Login({Hidden(kNormalPrompt, ""), Visible(kAfterFailure, "")}), PAM_AUTH_ERR);
}

TEST_F(UnixStack, AResetLetsInWithTheNewPasswordAloneWithBothTriggers) {
  FlowPeer flow(*scratch, PlayReset);
  WritePromptStack(scratch->Module(), SocketWord());
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Hidden("New password: ", kNew)}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kOurPrompt, kRight)}), PAM_AUTH_ERR);
  EXPECT_EQ(Login({Hidden(kOurPrompt, kNew)}), PAM_SUCCESS);

  machine->SetPassword(kRight);
  WriteFailureStack(SocketWord());
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kWrong), Visible(kAfterFailure, "y"),
                   Hidden("New password: ", kNew)}),
            PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kNew)}), PAM_SUCCESS);
}

TEST_F(UnixStack, AResetThatSsprFlowOnlyClaimsLetsNobodyIn) {
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Ask(FrameType::kAskHidden, "New password: ", 0);
    peer.SendDone(Outcome::kPasswordSet, 0);
  });
  WritePromptStack(scratch->Module(), SocketWord());
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Hidden("New password: ", kNew)}), PAM_AUTH_ERR);
  WriteFailureStack(SocketWord());
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kWrong), Visible(kAfterFailure, "y"),
                   Hidden("New password: ", kNew)}),
            PAM_AUTH_ERR);
}

TEST_F(UnixStack, AnAbandonedResetLeavesTheNormalPrompt) {
  FlowPeer flow(*scratch, PlayRefusal);
  WritePromptStack(scratch->Module(), SocketWord());
  for (const auto& [password, result] :
       {std::pair(kRight, PAM_SUCCESS), std::pair(kWrong, PAM_AUTH_ERR)}) {
    EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Fault("Nothing was changed."),
                     Hidden(kNormalPrompt, password)}),
              result);
  }
  WriteFailureStack(SocketWord());
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kWrong), Visible(kAfterFailure, "y"),
                   Fault("Nothing was changed.")}),
            PAM_AUTH_ERR);
}

TEST_F(UnixStack, AccountsThatNobodyMayEnterStayShut) {
  FlowPeer flow(*scratch, PlayReset);
  WritePromptStack(scratch->Module(), SocketWord());
  for (const char* user : {"locked", "star", "nobody-of-that-name"}) {
    EXPECT_NE(Login({Hidden(kOurPrompt, kRight)}, user), PAM_SUCCESS) << user;
    EXPECT_NE(Login({Hidden(kOurPrompt, ""), Hidden("New password: ", kNew)}, user), PAM_SUCCESS)
        << user;
  }
}

TEST_F(UnixStack, AnAccountWithoutAPasswordIsEnteredWhereTheStackAllowsIt) {
  WritePromptStack(scratch->Module(), SocketWord() + " empty=no");
  EXPECT_EQ(Login({Hidden("Password (? if forgotten): ", "")}, "blank"), PAM_SUCCESS);
  FlowPeer flow(*scratch, PlayRefusal);
  WritePromptStack(scratch->Module(), SocketWord());
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Fault("Nothing was changed.")}, "blank"), PAM_SUCCESS);
}

TEST_F(UnixStack, RootIsAskedByTheStackAlone) {
  WritePromptStack(scratch->Module(), SocketWord());
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kRight)}, "root"), PAM_SUCCESS);
}

// The right password gets in, no other does, and an empty answer leads to the normal prompt.
void ExpectNormalLogins(const char* prompt, const std::vector<Line>& after_empty) {
  EXPECT_EQ(Login({Hidden(prompt, kRight)}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(prompt, kWrong)}), PAM_AUTH_ERR);
  if (after_empty.empty()) {
    EXPECT_EQ(Login({Hidden(prompt, "")}), PAM_AUTH_ERR);
    return;
  }
  for (const auto& [password, result] :
       {std::pair(kRight, PAM_SUCCESS), std::pair(kWrong, PAM_AUTH_ERR)}) {
    std::vector<Line> lines = {Hidden(prompt, "")};
    lines.insert(lines.end(), after_empty.begin(), after_empty.end());
    lines.push_back(Hidden(kNormalPrompt, password));
    EXPECT_EQ(Login(lines), result);
  }
}

TEST_F(UnixStack, AMissingOrBrokenModuleIsAsIfItWereNotThere) {
  WritePromptStack("/nonexistent/pam_sspr.so", "");
  ExpectNormalLogins(kNormalPrompt, {});
  const std::string broken = scratch->path() + "/broken.so";
  std::ofstream(broken) << "not a shared object";
  WritePromptStack(broken, "");
  ExpectNormalLogins(kNormalPrompt, {});
}

TEST_F(UnixStack, ABadWordIsNamedInTheLogWithItsServiceAndNobodyIsAskedByUs) {
  WritePromptStack(scratch->Module(), "triger=prompt");
  ExpectNormalLogins(kNormalPrompt, {});
  const std::string log = machine->TakeLog();
  EXPECT_NE(log.find("SSPR-P001"), std::string::npos) << log;
  EXPECT_NE(log.find("'triger=prompt'"), std::string::npos) << log;
  EXPECT_NE(log.find("'login'"), std::string::npos) << log;
}

TEST_F(UnixStack, ABadWordIsLoggedWithoutItsControlCharacters) {
  WritePromptStack(scratch->Module(), "\x1B[2Jx\xC2\x9By");
  EXPECT_EQ(Login({Hidden(kNormalPrompt, kRight)}), PAM_SUCCESS);
  EXPECT_NE(machine->TakeLog().find("'?[2Jx?y'"), std::string::npos);
}

TEST_F(UnixStack, AMissingSsprFlowIsSaidOnceAndLogged) {
  WritePromptStack(scratch->Module(), "socket=/nonexistent/flow.sock");
  ExpectNormalLogins(kOurPrompt, {Fault("not available")});
  const std::string log = machine->TakeLog();
  EXPECT_NE(log.find("SSPR-P004"), std::string::npos) << log;
  EXPECT_NE(log.find("/nonexistent/flow.sock"), std::string::npos) << log;
}

TEST_F(UnixStack, ASsprFlowThatBreaksIsSaidAndLogged) {
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kInfo, "Hello");
    peer.SendRaw("garbage");
  });
  WritePromptStack(scratch->Module(), SocketWord());
  ExpectNormalLogins(kOurPrompt, {Info("Hello"), Fault("stopped")});
  EXPECT_NE(machine->TakeLog().find("SSPR-P006"), std::string::npos);
}

// A listener of another user than root would see the names and the codes that people type.
TEST_F(UnixStack, AListenerOfAnotherUserIsNotTrusted) {
  const std::string path = scratch->path() + "/foreign.sock";
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const pid_t child = fork();  // listen() notes who listens
  if (child == 0) {
    const bool dropped = setgroups(0, nullptr) == 0 && setresgid(kNobody, kNobody, kNobody) == 0 &&
                         setresuid(kNobody, kNobody, kNobody) == 0;
    _exit(dropped && listen(listener, 8) == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  WritePromptStack(scratch->Module(), "socket=" + path);
  ExpectNormalLogins(kOurPrompt, {Fault("not available")});
  close(listener);
}

}  // namespace
}  // namespace sspr::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (geteuid() != 0) {
    std::puts("skipped: a mount namespace with accounts of its own needs root");
    return sspr::test::kSkipped;
  }
  const sspr::test::Scratch scratch;
  sspr::test::PrivateMachine machine(scratch.path());
  sspr::test::scratch = &scratch;
  sspr::test::machine = &machine;
  return RUN_ALL_TESTS();
}
