// SPDX-License-Identifier: Apache-2.0
// One flow as each front end gets to see it, and what each of them does wrong with it.
#include <gtest/gtest.h>

#include <string>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

// Everything that a flow can do once, with an error before a question and a choice.
void PlayEverything(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  peer.Send(FrameType::kInfo, "You can set a new password now.");
  EXPECT_EQ(peer.Ask(FrameType::kAskVisible, "Press Enter to go on: ", 0), "");
  peer.Send(FrameType::kWait, "One moment, please.");
  peer.SendChoose("How do you want to prove who you are?", {"By mail", "By app"});
  const std::string answer = peer.Expect(FrameType::kAnswer);
  FieldReader choice(answer);
  EXPECT_EQ(choice.U16(), 1);
  EXPECT_EQ(choice.Rest(), "2");
  peer.Send(FrameType::kError, "That code is not right.");
  EXPECT_EQ(peer.Ask(FrameType::kAskVisible, "Code: ", 2), "123456");
  peer.Send(FrameType::kInfo, "Choose a good one.");
  EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password: ", 3), "right");
  EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password again: ", 4), "right");
  peer.SendDone(Outcome::kPasswordSet, 4, "Your new password is set.");
}

// A message that is this text and nothing else.
Line Exactly(int style, std::string text) {
  Line line{style, std::move(text)};
  line.whole = true;
  return line;
}
Line Message(std::string text) { return Exactly(PAM_TEXT_INFO, std::move(text)); }
Line Complaint(std::string text) { return Exactly(PAM_ERROR_MSG, std::move(text)); }

constexpr char kList[] = "How do you want to prove who you are?\n 1  By mail\n 2  By app";
constexpr char kListInOneLine[] = "How do you want to prove who you are?  1  By mail  2  By app ";

struct Screen {
  const char* service;
  const char* words;
  std::vector<Line> lines;
};

std::vector<Line> Console() {
  return {Hidden(kOurPrompt, "?"),
          Message("You can set a new password now."),
          Visible("Press Enter to go on: ", ""),
          Message("One moment, please."),
          Message(kList),
          Visible("Type the number", "2"),
          Complaint("That code is not right."),
          Visible("Code: ", "123456"),
          Message("Choose a good one."),
          Hidden("New password: ", "right"),
          Hidden("New password again: ", "right"),
          Message("Your new password is set.")};
}

// One message before each question; what follows the hidden trigger is hidden.
std::vector<Line> OneMessage() {
  std::vector<Line> lines = Console();
  lines[2].style = PAM_PROMPT_ECHO_OFF;
  return lines;
}

// Long prompts are cut there, and so they are said as well.
std::vector<Line> ShortPrompts() {
  std::vector<Line> lines = OneMessage();
  lines.insert(lines.begin(), Message("Password (empty if forgotten)"));
  lines[5] = Message(std::string(kList) + "\nType the number of your choice");
  return lines;
}

std::vector<Line> WithoutWaits() {
  std::vector<Line> lines = OneMessage();
  lines.erase(lines.begin() + 3);
  return lines;
}

std::vector<Line> WithoutPrompts() {
  return {Message("Password (empty if forgotten)"),
          Hidden("", "?"),
          Message("You can set a new password now.\nPress Enter to go on"),
          Hidden("", ""),
          Message("One moment, please."),
          Message(std::string(kList) + "\nType the number of your choice"),
          Visible("", "2"),
          Complaint("That code is not right.\nCode"),
          Visible("", "123456"),
          Message("Choose a good one.\nNew password"),
          Hidden("", "right"),
          Message("New password again"),
          Hidden("", "right"),
          Message("Your new password is set.")};
}

// Its field is never emptied, so that nothing is asked visibly and each answer begins with the
// last.
std::vector<Line> KeptAnswers() {
  return {Message("Password (empty if forgotten)"),
          Hidden("", "?"),
          Message("You can set a new password now. Press Enter to go on"),
          Hidden("", "?"),
          Message("One moment, please."),
          Message(std::string(kListInOneLine) + "Type the number of your choice"),
          Hidden("", "?2"),
          Complaint("That code is not right. Code"),
          Hidden("", "?2123456"),
          Message("Choose a good one. New password"),
          Hidden("", "?2123456right"),
          Message("New password again"),
          Hidden("", "?2123456rightright"),
          Message("Your new password is set.")};
}

TEST(Profiles, EachFrontEndIsToldWhatItCanShow) {
  const std::vector<Screen> screens = {
      {"login", "", Console()},
      {"vlock", "", Console()},
      {"su", "services=+su", Console()},
      {"gdm-password", "", ShortPrompts()},
      {"lightdm", "", WithoutPrompts()},
      {"kde", "", KeptAnswers()},
      {"xscreensaver", "", WithoutWaits()},
      {"mate-screensaver", "", OneMessage()},
      {"xsecurelock", "", OneMessage()},
      {"unheard-of", "services=unheard-of", OneMessage()},
      {"unheard-of", "services=unheard-of profile=console", Console()},
      {"login", "profile=lightdm", WithoutPrompts()},
  };
  FlowPeer flow(*scratch, PlayEverything);
  for (const Screen& screen : screens) {
    SCOPED_TRACE(std::string(screen.service) + " " + screen.words);
    WriteStack(screen.service, screen.words);
    EXPECT_EQ(Authenticate(*scratch, screen.service, "alice", Script(screen.lines)), PAM_SUCCESS);
  }
  EXPECT_EQ(flow.connections(), static_cast<int>(screens.size()));
}

TEST(Profiles, WhereEachQuestionGetsTheSameAnswerNoResetBegins) {
  FlowPeer flow(*scratch, PlayEverything);
  for (const char* service : {"sddm", "i3lock", "swaylock"}) {
    SCOPED_TRACE(service);
    WriteStack(service);
    constexpr char kPrompt[] = "Password (? if forgotten): ";
    EXPECT_EQ(Authenticate(*scratch, service, "alice", Script({Hidden(kPrompt, "right")})),
              PAM_SUCCESS);
    EXPECT_EQ(Authenticate(*scratch, service, "alice", Script({Hidden(kPrompt, "")})),
              PAM_AUTH_ERR);
    EXPECT_EQ(Authenticate(*scratch, service, "alice",
                           Script({Hidden(kPrompt, "?"), Fault("cannot be reset from this screen"),
                                   Hidden(kNormalPrompt, "?")})),
              PAM_AUTH_ERR);
    WriteFailureStack(service);
    EXPECT_EQ(Authenticate(*scratch, service, "alice", Script({Hidden(kNormalPrompt, "wrong")})),
              PAM_AUTH_ERR);
  }
  EXPECT_EQ(flow.connections(), 0);
}

TEST(Profiles, TheQuestionAfterARefusedPasswordIsHiddenWhereTheFieldMayStillHoldIt) {
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
  });
  WriteFailureStack("xscreensaver");
  EXPECT_EQ(Authenticate(*scratch, "xscreensaver", "alice",
                         Script({Hidden(kNormalPrompt, "wrong"), Hidden("Forgot your", "y"),
                                 Fault("Nothing was changed.")})),
            PAM_AUTH_ERR);
  WriteFailureStack("kde");
  EXPECT_EQ(Authenticate(*scratch, "kde", "alice",
                         Script({Hidden(kNormalPrompt, "wrong"),
                                 Message("Forgot your password? "
                                         "Type y to reset it, or press Enter to go on"),
                                 Hidden("", "wrongy"), Fault("Nothing was changed.")})),
            PAM_AUTH_ERR);
  EXPECT_EQ(flow.connections(), 2);
}

// Front ends that nobody has told us about give themselves away by what they answer.
TEST(Profiles, AVisibleAnswerThatIsTheNameOrTheSecretBeforeItEndsTheFlow) {
  for (const char* answer : {"alice", "?", "secret"}) {
    FlowPeer flow(*scratch, [](Peer& peer) {
      peer.Expect(FrameType::kBegin);
      EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "Secret: ", 0), "secret");
      peer.Send(FrameType::kAskVisible, "Code: ");
      peer.Expect(FrameType::kCancel);
    });
    for (const char* service : {"login", "mate-screensaver"}) {
      WriteStack(service);
      const bool console = std::string_view(service) == "login";
      EXPECT_EQ(Authenticate(*scratch, service, "alice",
                             Script({Hidden(kOurPrompt, "?"), Hidden("Secret: ", "secret"),
                                     console ? Visible("Code: ", answer) : Hidden("Code: ", answer),
                                     Fault("cannot be reset from this screen"),
                                     Hidden(kNormalPrompt, "right")})),
                PAM_SUCCESS);
    }
  }
}

TEST(Profiles, MessagesThatAreTooLongForOneAreSaidAsTwo) {
  WriteStack("mate-screensaver");
  const std::string half(300, 'x');
  FlowPeer flow(*scratch, [&](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kInfo, half);
    peer.Send(FrameType::kError, half);
    peer.Ask(FrameType::kAskVisible, "Code: ", 0);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  EXPECT_EQ(Authenticate(*scratch, "mate-screensaver", "alice",
                         Script({Hidden(kOurPrompt, ""), Message(half), Complaint(half),
                                 Hidden("Code: ", "1"), Hidden(kNormalPrompt, "right")})),
            PAM_SUCCESS);
}

}  // namespace
}  // namespace sspr::test
