// SPDX-License-Identifier: Apache-2.0
// The phases behind the authentication, with a scripted sspr-flow: what each verdict leads to, what
// a broken or silent one does, and when nobody is asked at all.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

using Call = int (*)(pam_handle_t*, int);

std::string OurLine(const char* kind, const std::string& control, const std::string& words = "") {
  return std::string("-") + kind + " " + control + " " + scratch->Module() +
         " lang=en limit=10000 socket=" + scratch->Socket() + " " + words + "\n";
}

constexpr char kAccountControl[] = "[new_authtok_reqd=ok perm_denied=die default=ignore]";

void WriteAccount(const std::string& words = "", const std::string& service = "login") {
  scratch->WriteService(
      service, "account required pam_permit.so\n" + OurLine("account", kAccountControl, words));
}

int Phase(Call call, std::vector<Line> lines, const std::string& service = "login",
          const std::string& user = "alice", int flags = 0,
          const std::map<int, std::string>& items = {}) {
  Script script(std::move(lines));
  const pam_conv conv = script.Conv();
  pam_handle_t* pam = nullptr;
  EXPECT_EQ(pam_start_confdir(service.c_str(), user.c_str(), &conv, scratch->path().c_str(), &pam),
            PAM_SUCCESS);
  script.Play(pam);
  for (const auto& [type, value] : items) pam_set_item(pam, type, value.c_str());
  const int result = call(pam, flags);
  pam_end(pam, result);
  return result;
}

FlowPeer::Play Says(CheckFinding finding, std::string text, CheckPurpose purpose) {
  return [=](Peer& peer) {
    const std::string check = peer.Expect(FrameType::kCheck);
    FieldReader fields(check);
    EXPECT_EQ(fields.U8(), kFrameVersion);
    EXPECT_EQ(fields.U8(), static_cast<std::uint8_t>(purpose));
    fields.Rest();
    FrameWriter verdict(FrameType::kVerdict);
    verdict.PutU8(static_cast<std::uint8_t>(finding));
    verdict.PutString(text);
    peer.SendRaw(verdict.Encoded());
    if (finding != CheckFinding::kReminder) {
      EXPECT_TRUE(peer.AtEnd());
    }
  };
}

FlowPeer::Play Account(CheckFinding finding, std::string text = "") {
  return Says(finding, std::move(text), CheckPurpose::kAccount);
}

TEST(AccountPhase, EachVerdictHasItsAnswer) {
  WriteAccount();
  {
    FlowPeer flow(*scratch, Account(CheckFinding::kNothing));
    EXPECT_EQ(Phase(pam_acct_mgmt, {}), PAM_SUCCESS);
    EXPECT_EQ(flow.connections(), 1);
  }
  {
    FlowPeer flow(*scratch, Account(CheckFinding::kReset, "Set a new one."));
    EXPECT_EQ(Phase(pam_acct_mgmt, {Info("Set a new one.")}), PAM_NEW_AUTHTOK_REQD);
  }
  FlowPeer flow(*scratch, Account(CheckFinding::kBlock, "Not now."));
  EXPECT_EQ(Phase(pam_acct_mgmt, {Fault("Not now.")}), PAM_PERM_DENIED);
}

TEST(AccountPhase, TellsWhoAndWhereAndNothingElse) {
  WriteAccount();
  std::string check;
  FlowPeer flow(*scratch, [&](Peer& peer) { check = peer.Expect(FrameType::kCheck); });
  Phase(pam_acct_mgmt, {});
  FieldReader fields(check);
  EXPECT_EQ(fields.U8(), kFrameVersion);
  EXPECT_EQ(fields.U8(), static_cast<std::uint8_t>(CheckPurpose::kAccount));
  EXPECT_EQ(fields.String(), "login");
  EXPECT_EQ(fields.String(), "alice");
  EXPECT_EQ(fields.String(), "en");
  EXPECT_TRUE(fields.Complete());
}

TEST(AccountPhase, WhoeverBreaksTheProtocolIsNobody) {
  const FlowPeer::Play broken[] = {
      [](Peer&) {},
      [](Peer& peer) { peer.Send(FrameType::kInfo, "Hello."); },
      [](Peer& peer) { peer.Send(FrameType::kVerdict, ""); },
      [](Peer& peer) { peer.Send(FrameType::kVerdict, std::string("\x07\x00\x00", 3)); },
      [](Peer& peer) { peer.Send(FrameType::kVerdict, std::string("\x01\x00\x01\x1b", 4)); },
      [](Peer& peer) { peer.Send(FrameType::kVerdict, std::string("\x01\x00\x09x", 4)); },
      [](Peer& peer) { peer.SendRaw(std::string("\xff\xff\xff", 3)); },
  };
  for (const FlowPeer::Play& play : broken) {
    FlowPeer flow(*scratch, [&](Peer& peer) {
      peer.Expect(FrameType::kCheck);
      play(peer);
    });
    WriteAccount();
    EXPECT_EQ(Phase(pam_acct_mgmt, {}), PAM_SUCCESS);
    WriteAccount("unreachable=closed");
    EXPECT_EQ(Phase(pam_acct_mgmt, {Fault("cannot be asked")}), PAM_PERM_DENIED);
  }
}

TEST(AccountPhase, SilenceEndsWithTheLimit) {
  FlowPeer flow(*scratch, [](Peer& peer) { peer.Drain(); });
  WriteAccount("limit=100");
  EXPECT_EQ(Phase(pam_acct_mgmt, {}), PAM_SUCCESS);
  WriteAccount("limit=100 unreachable=closed");
  EXPECT_EQ(Phase(pam_acct_mgmt, {Fault("cannot be asked")}), PAM_PERM_DENIED);
}

TEST(AccountPhase, NobodyAtTheSocketIsAsSilence) {
  WriteAccount();
  EXPECT_EQ(Phase(pam_acct_mgmt, {}), PAM_SUCCESS);
  WriteAccount("unreachable=closed");
  EXPECT_EQ(Phase(pam_acct_mgmt, {Fault("cannot be asked")}), PAM_PERM_DENIED);
}

TEST(AccountPhase, WhomTheLineDoesNotConcernIsNotAskedAbout) {
  FlowPeer flow(*scratch, Account(CheckFinding::kBlock));
  WriteAccount("unreachable=closed no_users=bob");
  EXPECT_EQ(Phase(pam_acct_mgmt, {}, "login", "root"), PAM_SUCCESS);
  EXPECT_EQ(Phase(pam_acct_mgmt, {}, "login", "bob"), PAM_SUCCESS);
  EXPECT_EQ(Phase(pam_acct_mgmt, {}, "login", "alice", 0, {{PAM_RHOST, "198.51.100.7"}}),
            PAM_SUCCESS);
  WriteAccount("unreachable=closed", "sshd");
  EXPECT_EQ(Phase(pam_acct_mgmt, {}, "sshd"), PAM_SUCCESS);
  WriteAccount("unreachable=closed", "swaylock");
  EXPECT_EQ(Phase(pam_acct_mgmt, {}, "swaylock"), PAM_SUCCESS) << "asked within the authentication";
  WriteAccount("unreachable=never");
  EXPECT_EQ(Phase(pam_acct_mgmt, {}), PAM_SUCCESS) << "a word that is none";
  EXPECT_EQ(flow.connections(), 0);
}

TEST(AccountPhase, WhereTheLastMessageAloneIsReadTheDemandIsSaidWithTheFirstQuestion) {
  scratch->WriteService("lightdm", "account required pam_permit.so\n" +
                                       OurLine("account", kAccountControl) +
                                       OurLine("password", "[success=ok default=die]"));
  std::atomic<int> asked = 0;
  FlowPeer flow(*scratch, [&](Peer& peer) {
    if (asked++ == 0) return Account(CheckFinding::kReset, "Set a new one.")(peer);
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kInfo, "You can set a new password now.");
    peer.Ask(FrameType::kAskVisible, "Press Enter to go on: ", 0);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
  });
  Script script({Info("Before you go on, a new password is needed for this account.\nSet it now.\n"
                      "You can set a new password now.\nPress Enter to go on"),
                 Visible("Press Enter to go on: ", "n"), Fault("Nothing was changed.")});
  const pam_conv conv = script.Conv();
  pam_handle_t* pam = nullptr;
  ASSERT_EQ(pam_start_confdir("lightdm", "alice", &conv, scratch->path().c_str(), &pam),
            PAM_SUCCESS);
  script.Play(pam);
  EXPECT_EQ(pam_acct_mgmt(pam, 0), PAM_NEW_AUTHTOK_REQD);
  const int changed = pam_chauthtok(pam, PAM_CHANGE_EXPIRED_AUTHTOK);
  EXPECT_EQ(changed, PAM_AUTHTOK_ERR);
  pam_end(pam, changed);
}

void WriteDemand(const std::string& service, const std::string& words = "") {
  scratch->WriteService(
      service, "auth [success=1 default=ignore] " + scratch->Expect() + " password=right\n" +
                   "auth requisite pam_deny.so\nauth required pam_permit.so\n" +
                   OurLine("auth", "[perm_denied=die default=ignore]", "trigger=demand " + words));
}

TEST(Demand, IsMadeWithinTheAuthenticationWhereNoPasswordIsChangedLater) {
  WriteDemand("xscreensaver");
  std::atomic<int> asked = 0;
  FlowPeer flow(*scratch, [&](Peer& peer) {
    asked++ == 0 ? Account(CheckFinding::kReset, "Set a new one.")(peer) : PlayReset(peer);
  });
  const std::vector<Line> lines = {
      Hidden(kNormalPrompt, "right"), Info("Set a new one.\nYou can set"),
      Hidden("Code: ", "12345678"),   Hidden("New password: ", "right"),
      Hidden("Again: ", "right"),     Info("You are signed in.")};
  EXPECT_EQ(Authenticate(*scratch, "xscreensaver", "alice", Script(lines)), PAM_SUCCESS);
  EXPECT_EQ(asked, 2);
}

TEST(Demand, KeepsWhoSetsNoNewPasswordOut) {
  WriteDemand("xscreensaver");
  std::atomic<int> asked = 0;
  FlowPeer flow(*scratch, [&](Peer& peer) {
    if (asked++ == 0) return Account(CheckFinding::kReset)(peer);
    peer.Expect(FrameType::kBegin);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
  });
  EXPECT_EQ(Authenticate(*scratch, "xscreensaver", "alice",
                         Script({Hidden(kNormalPrompt, "right"), Fault("Nothing was changed.")})),
            PAM_PERM_DENIED);
}

TEST(Demand, IsLeftToTheAccountStackWhereThatCanChangeAPassword) {
  WriteDemand("login", "unreachable=closed");
  EXPECT_EQ(Authenticate(*scratch, "login", "alice", Script({Hidden(kNormalPrompt, "right")})),
            PAM_SUCCESS);
}

TEST(Demand, WhereOneTextAnswersEverythingNoResetIsBegun) {
  FlowPeer flow(*scratch, Account(CheckFinding::kReset));
  WriteDemand("i3lock");
  EXPECT_EQ(Authenticate(*scratch, "i3lock", "alice",
                         Script({Hidden(kNormalPrompt, "right"), Fault("from this screen")})),
            PAM_SUCCESS);
  WriteDemand("i3lock", "unreachable=closed");
  EXPECT_EQ(Authenticate(*scratch, "i3lock", "alice",
                         Script({Hidden(kNormalPrompt, "right"), Fault("from this screen")})),
            PAM_PERM_DENIED);
}

void WriteSession(const std::string& words = "") {
  scratch->WriteService(
      "login", "session required pam_permit.so\n" + OurLine("session", "[default=ignore]", words));
}

const std::map<int, std::string> kAtTty = {{PAM_TTY, "/dev/tty1"}};

TEST(SessionPhase, AReminderIsShownAndSaidToHaveBeen) {
  WriteSession();
  bool shown = false;
  {
    FlowPeer flow(*scratch, [&](Peer& peer) {
      Says(CheckFinding::kReminder, "Register.", CheckPurpose::kSession)(peer);
      shown = !peer.Expect(FrameType::kAnswer).empty();
    });
    EXPECT_EQ(Phase(pam_open_session, {Info("Register.")}, "login", "alice", 0, kAtTty),
              PAM_SUCCESS);
  }  // the peer has heard all
  EXPECT_TRUE(shown);
}

TEST(SessionPhase, NeverKeepsAnybodyOut) {
  WriteSession("unreachable=closed limit=100");
  EXPECT_EQ(Phase(pam_open_session, {}, "login", "alice", 0, kAtTty), PAM_SUCCESS);
  FlowPeer flow(*scratch, Says(CheckFinding::kBlock, "No.", CheckPurpose::kSession));
  EXPECT_EQ(Phase(pam_open_session, {}, "login", "alice", 0, kAtTty), PAM_SUCCESS);
}

TEST(SessionPhase, NobodyIsAskedWhereItCannotBeRead) {
  FlowPeer flow(*scratch, [](Peer& peer) { peer.Drain(); });
  WriteSession();
  EXPECT_EQ(Phase(pam_open_session, {}), PAM_SUCCESS) << "no terminal";
  EXPECT_EQ(Phase(pam_open_session, {}, "login", "alice", PAM_SILENT, kAtTty), PAM_SUCCESS);
  WriteSession("profile=gdm");
  EXPECT_EQ(Phase(pam_open_session, {}, "login", "alice", 0, kAtTty), PAM_SUCCESS);
  EXPECT_EQ(flow.connections(), 0);
}

}  // namespace
}  // namespace sspr::test
