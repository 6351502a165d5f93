// SPDX-License-Identifier: Apache-2.0
#include "tests/pam/login_stack.h"

namespace sspr::test {

Scratch* scratch = nullptr;

void WriteStack(const std::string& service, const std::string& words) {
  const std::string socket =
      words.find("socket=") == std::string::npos ? " socket=" + scratch->Socket() : std::string();
  scratch->WriteService(service, "-auth [success=ignore ignore=ignore default=ignore] " +
                                     scratch->Module() + " lang=en" + socket + " " + words + "\n" +
                                     "auth [success=1 default=ignore] " + scratch->Expect() +
                                     " password=right\n" +
                                     "auth requisite pam_deny.so\nauth required pam_permit.so\n");
}

void WriteFailureStack(const std::string& service) {
  scratch->WriteService(service, "auth [success=3 default=ignore] " + scratch->Expect() +
                                     " password=right\n-auth [success=ignore ignore=ignore "
                                     "default=ignore] " +
                                     scratch->Module() +
                                     " trigger=failure lang=en socket=" + scratch->Socket() +
                                     "\nauth [success=1 default=ignore] " + scratch->Expect() +
                                     " password=right use_first_pass\nauth requisite "
                                     "pam_deny.so\nauth required pam_permit.so\n");
}

int Login(std::vector<Line> lines, const std::string& user, int flags,
          const std::map<int, std::string>& items) {
  return Authenticate(*scratch, "login", user, Script(std::move(lines)), flags, items);
}

void PlayReset(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  peer.Send(FrameType::kInfo, "You can set a new password now.");
  EXPECT_EQ(peer.Ask(FrameType::kAskVisible, "Code: ", 0), "12345678");
  EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password: ", 1), "right");
  EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "Again: ", 2), "right");
  peer.Send(FrameType::kWait, "");
  peer.SendDone(Outcome::kPasswordSet, 2, "You are signed in.");
  EXPECT_TRUE(peer.AtEnd());
}

std::vector<Line> LinesOfReset(Line trigger) {
  return {std::move(trigger),
          Info("You can set"),
          Visible("Code: ", "12345678"),
          Hidden("New password: ", "right"),
          Hidden("Again: ", "right"),
          Info("You are signed in.")};
}

}  // namespace sspr::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sspr::test::Scratch scratch;
  sspr::test::DropPrivileges(scratch);
  sspr::test::scratch = &scratch;
  return RUN_ALL_TESTS();
}
