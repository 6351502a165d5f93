// SPDX-License-Identifier: Apache-2.0
// The real pam_sspr.so in real PAM stacks, unprivileged, with a scripted sspr-flow at the socket.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

TEST(PassThrough, TheTypedPasswordReachesTheStackUntouched) {
  WriteStack("login");
  EXPECT_EQ(Login({Hidden(kOurPrompt, "right")}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kOurPrompt, "wrong")}), PAM_AUTH_ERR);
  EXPECT_EQ(Login({Hidden(kOurPrompt, " right")}), PAM_AUTH_ERR);
}

TEST(PassThrough, APasswordOf511BytesPassesAndALongerOneIsAskedForByTheStack) {
  const std::string longest(511, 'x');
  scratch->WriteService("login", "auth optional " + scratch->Module() + " lang=en\nauth required " +
                                     scratch->Expect() + " password=" + longest + "\n");
  EXPECT_EQ(Login({Hidden(kOurPrompt, longest)}), PAM_SUCCESS);
  EXPECT_EQ(Login({Hidden(kOurPrompt, longest + "x"), Hidden(kNormalPrompt, "wrong")}),
            PAM_AUTH_ERR);
}

TEST(PassThrough, NobodyIsAskedByUsWhereNoResetIsOffered) {
  WriteStack("login");
  const std::vector<Line> normal = {Hidden(kNormalPrompt, "right")};
  EXPECT_EQ(Login(normal, "alice", 0, {{PAM_RHOST, "198.51.100.7"}}), PAM_SUCCESS);
  EXPECT_EQ(Login(normal, "root"), PAM_SUCCESS);
  for (const char* service : {"sshd", "su", "sudo", "cron", "polkit-1", "vsftpd", "other-login"}) {
    WriteStack(service);
    EXPECT_EQ(Authenticate(*scratch, service, "alice", Script(normal)), PAM_SUCCESS) << service;
  }
}

TEST(PassThrough, ARemoteHostBeatsAListedService) {
  WriteStack("sshd", "services=+sshd");
  EXPECT_EQ(Authenticate(*scratch, "sshd", "alice", Script({Hidden(kNormalPrompt, "right")}), 0,
                         {{PAM_RHOST, "localhost"}}),
            PAM_SUCCESS);
  EXPECT_EQ(Authenticate(*scratch, "sshd", "alice", Script({Hidden(kOurPrompt, "right")})),
            PAM_SUCCESS);
}

TEST(PassThrough, ListedServicesReplaceOrExtendTheBuiltInOnes) {
  WriteStack("login", "services=su,kiosk");
  EXPECT_EQ(Login({Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
  WriteStack("su", "services=login,su");
  EXPECT_EQ(Authenticate(*scratch, "su", "alice", Script({Hidden(kOurPrompt, "right")})),
            PAM_SUCCESS);
  WriteStack("login", "services=+su");
  EXPECT_EQ(Login({Hidden(kOurPrompt, "right")}), PAM_SUCCESS);
}

TEST(Trigger, EmptyAnswerQuestionMarkAndWordStartAReset) {
  WriteStack("login", "word=forgot");
  FlowPeer flow(*scratch, PlayReset);
  for (const char* trigger : {"", "?", "forgot"}) {
    EXPECT_EQ(Login(LinesOfReset(Hidden(kOurPrompt, trigger))), PAM_SUCCESS) << trigger;
  }
  EXPECT_EQ(flow.connections(), 3);
}

TEST(Trigger, AnEmptyAnswerIsAPasswordWhereTheAdministratorSaysSo) {
  WriteStack("login", "empty=no");
  FlowPeer flow(*scratch, PlayReset);
  EXPECT_EQ(Login({Hidden("Password (? if forgotten): ", "")}), PAM_AUTH_ERR);
  EXPECT_EQ(flow.connections(), 0);
  EXPECT_EQ(Login(LinesOfReset(Hidden("Password (? if forgotten): ", "?"))), PAM_SUCCESS);
}

TEST(Trigger, TellsTheFlowWhoAndWhere) {
  WriteStack("login");
  std::string begin;
  FlowPeer flow(*scratch, [&](Peer& peer) {
    begin = peer.Expect(FrameType::kBegin);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  Login({Hidden(kOurPrompt, ""), Hidden(kNormalPrompt, "x")}, "alice", 0, {{PAM_TTY, "/dev/tty1"}});
  FieldReader fields(begin);
  EXPECT_EQ(fields.U8(), kFrameVersion);
  EXPECT_EQ(fields.U8(), kCapabilityManyLines | kCapabilityCodes);
  EXPECT_EQ(fields.String(), "login");
  EXPECT_EQ(fields.String(), "alice");
  EXPECT_EQ(fields.String(), "en");
  EXPECT_EQ(fields.String(), "/dev/tty1");
  EXPECT_TRUE(fields.Complete());
}

constexpr char kGermanPrompt[] = "Passwort (leer, wenn vergessen): ";
constexpr char kFrenchPrompt[] = "Mot de passe (vide si oublié) : ";

TEST(Trigger, SpeaksTheLanguageThatItIsToldTo) {
  const struct {
    const char* tag;
    const char* prompt;
    const char* not_available;
  } kCases[] = {{"en", kOurPrompt, "not available"},
                {"de", kGermanPrompt, "Helpdesk"},
                {"fr", kFrenchPrompt, "pas possible"},
                {"es", "Contraseña (vacía si la olvidó): ", "no está disponible"},
                {"ar", "كلمة المرور (فارغة إن نسيتها): ", "غير متاحة"}};
  for (const auto& one : kCases) {
    scratch->WriteService("login", "auth optional " + scratch->Module() + " lang=" + one.tag +
                                       " socket=/nonexistent\nauth required " + scratch->Expect() +
                                       " password=right\n");
    EXPECT_EQ(
        Login({Hidden(one.prompt, ""), Fault(one.not_available), Hidden(kNormalPrompt, "right")}),
        PAM_SUCCESS);
  }
}

TEST(Trigger, SpeaksTheLanguageOfTheHostWithoutTouchingItsLocale) {
  scratch->WriteService("login", "auth optional " + scratch->Module() +
                                     " socket=" + scratch->Socket() + "\nauth required " +
                                     scratch->Expect() + " password=right\n");
  const struct {
    const char* all;
    const char* messages;
    const char* lang;
    const char* prompt;
    const char* told;  // to sspr-flow
  } kCases[] = {{"", "", "de_DE.UTF-8", kGermanPrompt, "de"},
                {"", "de", "en_US.UTF-8", kGermanPrompt, "de"},
                {"C", "de_DE", "de_DE", kOurPrompt, "en"},
                {"de_AT@euro", "C", "C", kGermanPrompt, "de"},
                {"", "fr_FR.UTF-8", "de", kFrenchPrompt, "fr"},
                {"", "", "C.UTF-8", kOurPrompt, "en"},
                {"", "", "", kOurPrompt, ""},
                {"", "", "den", kOurPrompt, ""},
                {"", "", "pl_PL.UTF-8", kOurPrompt, ""}};
  std::string told;
  FlowPeer flow(*scratch, [&](Peer& peer) {
    const std::string begin = peer.Expect(FrameType::kBegin);
    FieldReader fields(begin);
    fields.U16();
    fields.String();
    fields.String();
    told = fields.String();
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  for (const auto& one : kCases) {
    setenv("LC_ALL", one.all, 1);
    setenv("LC_MESSAGES", one.messages, 1);
    setenv("LANG", one.lang, 1);
    EXPECT_EQ(Login({Hidden(one.prompt, ""), Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
    EXPECT_EQ(told, one.told) << one.all << one.messages << one.lang;
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) unsetenv(name);
}

TEST(FailureTrigger, ANormalLoginLooksAsBefore) {
  WriteFailureStack("login");
  EXPECT_EQ(Login({Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
}

TEST(FailureTrigger, OffersAResetAfterARefusedPassword) {
  WriteFailureStack("login");
  FlowPeer flow(*scratch, PlayReset);
  std::vector<Line> lines = LinesOfReset(Visible("Forgot your password?", "y"));
  lines.insert(lines.begin(), Hidden(kNormalPrompt, "wrong"));
  EXPECT_EQ(Login(lines), PAM_SUCCESS);
  EXPECT_EQ(flow.connections(), 1);
}

TEST(FailureTrigger, NoLeavesTheRefusalStanding) {
  WriteFailureStack("login");
  FlowPeer flow(*scratch, PlayReset);
  for (const char* no : {"", "n", "wrong", "Yes please"}) {
    EXPECT_EQ(Login({Hidden(kNormalPrompt, "wrong"), Visible("Forgot your password?", no)}),
              PAM_AUTH_ERR);
  }
  EXPECT_EQ(flow.connections(), 0);
}

TEST(NeverLetsAnybodyIn, AloneOrTrustedOrRequiredItDecidesNothing) {
  FlowPeer flow(*scratch, PlayReset);
  for (const char* control : {"required", "requisite", "sufficient", "optional"}) {
    scratch->WriteService("login", std::string("auth ") + control + " " + scratch->Module() +
                                       " lang=en socket=" + scratch->Socket() + "\n");
    EXPECT_NE(Login({Hidden(kOurPrompt, "anything")}), PAM_SUCCESS) << control;
    EXPECT_NE(Login(LinesOfReset(Hidden(kOurPrompt, ""))), PAM_SUCCESS) << control;
  }
}

TEST(NeverLetsAnybodyIn, ASuccessfulResetStillMeetsTheRestOfTheStack) {
  scratch->WriteService("login", "auth optional " + scratch->Module() + " lang=en socket=" +
                                     scratch->Socket() + "\nauth required " + scratch->Expect() +
                                     " password=right\nauth required pam_deny.so\n");
  FlowPeer flow(*scratch, PlayReset);
  EXPECT_EQ(Login(LinesOfReset(Hidden(kOurPrompt, ""))), PAM_AUTH_ERR);
}

TEST(NeverLetsAnybodyIn, TheFlowCannotInventAPassword) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendDone(Outcome::kPasswordSet, 0);
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Fault("stopped"), Hidden(kNormalPrompt, "wrong")}),
            PAM_AUTH_ERR);
}

TEST(OnlyOneReset, PerTransaction) {
  const std::string ours =
      "auth optional " + scratch->Module() + " lang=en socket=" + scratch->Socket() + "\n";
  scratch->WriteService("login",
                        ours + ours + "auth required " + scratch->Expect() + " password=right\n");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
  });
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Fault("Nothing was changed."),
                   Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
  EXPECT_EQ(flow.connections(), 1);
}

TEST(OutOfTheWay, AMissingOrForeignSocketCostsOneSentence) {
  for (const std::string& socket :
       {std::string("/nonexistent/flow.sock"), "/" + std::string(200, 'x'), scratch->path()}) {
    WriteStack("login", "socket=" + socket);
    EXPECT_EQ(
        Login({Hidden(kOurPrompt, ""), Fault("not available"), Hidden(kNormalPrompt, "right")}),
        PAM_SUCCESS);
  }
}

TEST(OutOfTheWay, ABadWordOnItsLineSilencesIt) {
  for (const char* word : {"triger=prompt", "trigger=never", "socket=relative", "services=",
                           "services=a;b", "empty=perhaps", "lang=xx", "word=", "", "%n%s"}) {
    WriteStack("login", word[0] == '\0' ? "=" : word);
    EXPECT_EQ(Login({Hidden(kNormalPrompt, "right")}), PAM_SUCCESS) << word;
  }
}

TEST(OutOfTheWay, ASilentFlowIsGivenThreeSeconds) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    EXPECT_TRUE(peer.AtEnd());
  });
  EXPECT_EQ(
      Login({Hidden(kOurPrompt, ""), Fault("does not answer"), Hidden(kNormalPrompt, "right")}),
      PAM_SUCCESS);
}

TEST(OutOfTheWay, AFlowThatEndsAnywhereLeavesTheNormalPrompt) {
  WriteStack("login");
  struct Case {
    std::function<void(Peer&)> play;
    std::vector<Line> lines;
  };
  const std::vector<Case> cases = {
      {[](Peer& peer) { peer.Expect(FrameType::kBegin); }, {Fault("not available")}},
      {[](Peer& peer) {
         peer.Expect(FrameType::kBegin);
         peer.Send(FrameType::kInfo, "Hello");
       },
       {Info("Hello"), Fault("stopped")}},
      {[](Peer& peer) {
         peer.Expect(FrameType::kBegin);
         peer.Ask(FrameType::kAskVisible, "Code: ", 0);
       },
       {Visible("Code: ", "1"), Fault("stopped")}},
      {[](Peer& peer) {
         peer.Expect(FrameType::kBegin);
         peer.Ask(FrameType::kAskHidden, "New: ", 0);
         peer.SendRaw(std::string("\x10\0\x05half", 7));
       },
       {Hidden("New: ", "secret"), Fault("stopped")}},
  };
  for (const Case& one : cases) {
    FlowPeer flow(*scratch, one.play);
    std::vector<Line> lines = {Hidden(kOurPrompt, "")};
    lines.insert(lines.end(), one.lines.begin(), one.lines.end());
    lines.push_back(Hidden(kNormalPrompt, "right"));
    EXPECT_EQ(Login(lines), PAM_SUCCESS);
  }
}

TEST(OutOfTheWay, EveryIllegalFrameEndsTheFlow) {
  WriteStack("login");
  for (int type = 0; type < 256; ++type) {
    const bool legal = type >= 16 && type <= 23;
    if (legal) continue;
    FlowPeer flow(*scratch, [&](Peer& peer) {
      peer.Expect(FrameType::kBegin);
      peer.Send(FrameType::kInfo, "Hello");
      peer.SendRaw(std::string({static_cast<char>(type), 0, 0}));
      peer.AtEnd();
    });
    ASSERT_EQ(Login({Hidden(kOurPrompt, ""), Info("Hello"), Fault("stopped"),
                     Hidden(kNormalPrompt, "right")}),
              PAM_SUCCESS)
        << type;
  }
}

TEST(Names, OnlyNamesThatCanBeNothingElseAreCarried) {
  WriteStack("login");
  FlowPeer flow(*scratch, [](Peer&) {});
  for (const char* name : {"-f", "--help", "a b", "a:b", "$(id)", "a\nb", "..", "Zo\xC3\xAB"}) {
    EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Fault("user name cannot be reset"),
                     Hidden(kNormalPrompt, "right")},
                    name),
              PAM_SUCCESS)
        << name;
  }
  EXPECT_EQ(flow.connections(), 0);
}

TEST(LoginTimer, IsPutOffDuringAResetAndPutBackAfterwards) {
  WriteStack("login");
  itimerval seen{};
  FlowPeer flow(*scratch, [&](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    getitimer(ITIMER_REAL, &seen);  // of this process, which is the host
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  const itimerval minute{{0, 0}, {60, 0}};
  setitimer(ITIMER_REAL, &minute, nullptr);
  Login({Hidden(kOurPrompt, ""), Hidden(kNormalPrompt, "right")});
  itimerval after{};
  getitimer(ITIMER_REAL, &after);
  EXPECT_GT(seen.it_value.tv_sec, 800);
  EXPECT_LE(after.it_value.tv_sec, 60);
  EXPECT_GE(after.it_value.tv_sec, 30);
  const itimerval none{};
  setitimer(ITIMER_REAL, &none, nullptr);
  Login({Hidden(kOurPrompt, ""), Hidden(kNormalPrompt, "right")});
  getitimer(ITIMER_REAL, &after);
  EXPECT_EQ(after.it_value.tv_sec, 0);
}

}  // namespace
}  // namespace sspr::test
