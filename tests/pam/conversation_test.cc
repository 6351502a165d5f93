// SPDX-License-Identifier: Apache-2.0
// Front ends that leave, lie, cannot list choices, or answer every question with one text.
#include <gtest/gtest.h>

#include <string>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

TEST(Conversation, FailuresAtEveryPromptEndTheResetQuietly) {
  WriteStack("login");
  for (const Reply::Kind kind :
       {Reply::Kind::kNull, Reply::Kind::kError, Reply::Kind::kAbort, Reply::Kind::kNoResponse}) {
    for (int failing = 0; failing < 3; ++failing) {
      bool cancelled = false;
      auto flow = std::make_unique<FlowPeer>(*scratch, [&](Peer& peer) {
        peer.Expect(FrameType::kBegin);
        for (int i = 0; i < failing; ++i) peer.Ask(FrameType::kAskHidden, "Question: ", i);
        peer.Send(FrameType::kAskHidden, "Question: ");
        peer.Expect(FrameType::kCancel);
        cancelled = peer.AtEnd();
      });
      std::vector<Line> lines = {Hidden(kOurPrompt, "")};
      for (int i = 0; i < failing; ++i)
        lines.push_back(Hidden("Question: ", "a" + std::to_string(i)));
      lines.push_back({PAM_PROMPT_ECHO_OFF, "Question: ", {kind}});
      lines.push_back(Hidden(kNormalPrompt, "right"));
      EXPECT_EQ(Login(lines), PAM_SUCCESS);
      flow.reset();  // joins
      EXPECT_TRUE(cancelled);
    }
    EXPECT_EQ(Login({{PAM_PROMPT_ECHO_OFF, kOurPrompt, {kind}}, Hidden(kNormalPrompt, "right")}),
              PAM_SUCCESS);
  }
}

TEST(Conversation, AnAnswerThatIsTooLongIsRefusedNotCutAndAskedForAgain) {
  WriteStack("login");
  const Line too_long = Hidden("New: ", std::string(512, 'x'));
  {
    FlowPeer flow(*scratch, [](Peer& peer) {
      peer.Expect(FrameType::kBegin);
      EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New: ", 0), std::string(511, 'x'));
      peer.SendDone(Outcome::kNotChanged, kNoAnswer);
    });
    EXPECT_EQ(Login({Hidden(kOurPrompt, ""), too_long, Fault("longer than 511"),
                     Hidden("New: ", std::string(511, 'x')), Hidden(kNormalPrompt, "right")}),
              PAM_SUCCESS);
  }
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kAskHidden, "New: ");
    peer.Expect(FrameType::kCancel);
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), too_long, Fault("longer than 511"), too_long,
                   Fault("longer than 511"), too_long, Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Conversation, PamSilentKeepsMessagesBackAndStillAsks) {
  WriteStack("login");
  FlowPeer flow(*scratch, PlayReset);
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Visible("Code: ", "12345678"),
                   Hidden("New password: ", "right"), Hidden("Again: ", "right")},
                  "alice", PAM_SILENT),
            PAM_SUCCESS);
}

TEST(Conversation, ChoicesAreNumberedAndCheckedHere) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendChoose("How do you want to prove who you are?",
                    {"Code by e-mail", "Authenticator app"});
    FieldReader fields(std::string_view(peer.Expect(FrameType::kAnswer)));
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""),
                   Info("How do you want to prove who you are?\n 1  Code by e-mail\n"
                        " 2  Authenticator app"),
                   Visible("number of your choice", "3"), Fault("none of the numbers"),
                   Visible("number of your choice", "2"), Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Conversation, ChoicesThatAreTooLongTogetherAreCutNotRefused) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendChoose("Which?", {std::string(300, 'a'), std::string(300, 'b')});
    peer.Expect(FrameType::kAnswer);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Info("bbb"), Visible("number", "2"),
                   Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Conversation, AFrontEndThatAnswersEverythingAlikeEndsTheFlow) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kAskVisible, "Go on? ");
    peer.Expect(FrameType::kCancel);
    EXPECT_TRUE(peer.AtEnd());
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Visible("Go on? ", "alice"),
                   Fault("cannot be reset from this screen"), Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Conversation, ALockerThatAnswersEverythingWithOneTextIsNotResetByAnEmptyOne) {
  FlowPeer flow(*scratch, PlayReset);
  for (const char* service : {"i3lock", "swaylock"}) {
    WriteStack(service);
    EXPECT_EQ(Authenticate(*scratch, service, "alice",
                           Script({Hidden("Password (? if forgotten): ", "")})),
              PAM_AUTH_ERR);
  }
  EXPECT_EQ(flow.connections(), 0);
}

TEST(Conversation, WhatTheFlowSaidWhileThePersonTypedIsReadAfterIt) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kAskVisible, "Code: ");
    peer.Send(FrameType::kError, "That took too long.");
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Start again.");
  });
  EXPECT_EQ(
      Login({Hidden(kOurPrompt, ""), Visible("Code: ", "12345678"), Fault("That took too long."),
             Fault("Start again."), Hidden(kNormalPrompt, "right")}),
      PAM_SUCCESS);
}

TEST(Conversation, AUserWhoIsExchangedMeanwhileGetsNobodysPassword) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password: ", 0), "right");
    peer.SendDone(Outcome::kPasswordSet, 0);
  });
  const auto exchange = [](pam_handle_t* pam) { pam_set_item(pam, PAM_USER, "mallory"); };
  Line at_our_prompt = Hidden(kOurPrompt, "");
  at_our_prompt.meanwhile = exchange;
  EXPECT_EQ(Login({at_our_prompt, Hidden(kNormalPrompt, "wrong")}), PAM_AUTH_ERR);
  EXPECT_EQ(flow.connections(), 0);
  Line in_the_reset = Hidden("New password: ", "right");
  in_the_reset.meanwhile = exchange;
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), in_the_reset, Hidden(kNormalPrompt, "wrong")}),
            PAM_AUTH_ERR);
}

TEST(Conversation, ATokenThatIsThereAlreadyIsLeftAlone) {
  scratch->WriteService("login", "auth optional " + scratch->Expect() +
                                     " password=x\nauth optional " + scratch->Module() +
                                     " lang=en\nauth required " + scratch->Expect() +
                                     " password=right use_first_pass\n");
  EXPECT_EQ(Login({Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kNormalPrompt, "")}), PAM_AUTH_ERR);
}

}  // namespace
}  // namespace sspr::test
