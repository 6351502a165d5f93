// SPDX-License-Identifier: Apache-2.0
// Where and to whom a reset is offered, and the account that stands for "Forgot password?". The
// names of the machine that are used here are those that every Debian has: games (5, group games),
// man (6, group man).
#include <gtest/gtest.h>

#include <string>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

const std::vector<Line> kOffered = {Hidden(kOurPrompt, "right")};
const std::vector<Line> kNotOffered = {Hidden(kNormalPrompt, "right")};

struct Case {
  const char* words;
  const char* user;
  bool offered;
};

void ExpectOffers(const std::vector<Case>& cases, const std::map<int, std::string>& items = {}) {
  for (const Case& one : cases) {
    SCOPED_TRACE(std::string(one.words) + " for " + one.user);
    WriteStack("login", one.words);
    EXPECT_EQ(Login(one.offered ? kOffered : kNotOffered, one.user, 0, items), PAM_SUCCESS);
  }
}

TEST(Audience, DeniedServicesAreNotOfferedWhateverElseIsWritten) {
  ExpectOffers({{"no_services=login", "alice", false},
                {"services=login no_services=login", "alice", false},
                {"services=+su no_services=sddm,log*", "alice", false},
                {"no_services=su,sddm", "alice", true}});
}

TEST(Audience, UsersByName) {
  ExpectOffers({{"users=alice,bob", "alice", true},
                {"users=bob", "alice", false},
                {"users=al*", "alice", true},
                {"no_users=alice", "alice", false},
                {"no_users=bob", "alice", true},
                {"users=alice no_users=alice", "alice", false},
                {"users=lice", "alice", false},
                {"users=root", "root", false},
                {"users=CORP\\alice,alice@corp.example", "alice@corp.example", true}});
}

TEST(Audience, GroupsThatTheUserIsIn) {
  ExpectOffers({{"groups=man,games", "games", true},
                {"groups=man", "games", false},
                {"no_groups=games", "games", false},
                {"no_groups=man,no-such-group", "games", true},
                {"groups=games no_groups=games", "games", false}});
}

TEST(Audience, RangeOfUserNumbers) {
  ExpectOffers({{"uids=5-5", "games", true},
                {"uids=6-", "games", false},
                {"uids=0-4", "games", false},
                {"uids=1-", "games", true}});
}

TEST(Audience, NamesThatTheMachineDoesNotKnowLookLikeThoseThatItDoes) {
  ExpectOffers({{"groups=man", "nobody-has-this-name", true},
                {"uids=1000-60000", "nobody-has-this-name", true},
                {"users=alice", "nobody-has-this-name", false}});
}

TEST(Audience, Terminals) {
  ExpectOffers({{"ttys=tty1,tty2", "alice", true},
                {"ttys=tty2", "alice", false},
                {"ttys=tty*", "alice", true},
                {"no_ttys=tty1", "alice", false},
                {"no_ttys=ttyS*", "alice", true}},
               {{PAM_TTY, "/dev/tty1"}});
  ExpectOffers({{"ttys=tty1", "alice", false}, {"no_ttys=tty1", "alice", true}});
  ExpectOffers({{"ttys=:*", "alice", true}, {"no_ttys=:0", "alice", false}}, {{PAM_TTY, ":0"}});
}

TEST(Audience, AMalformedListSilencesTheModule) {
  ExpectOffers({{"users=", "alice", false},
                {"no_users=a;b", "alice", false},
                {"groups=g*", "alice", false},
                {"uids=5", "games", false},
                {"uids=9-5", "games", false},
                {"uids=-5", "games", false},
                {"uids=1-4294967296", "games", false},
                {"idle=29", "games", false},
                {"idle=301", "games", false},
                {"idle=soon", "games", false},
                {"idle=90", "games", true},
                {"account=", "alice", false},
                {"account=-x", "alice", false},
                {"profile=none", "alice", false}});
}

// The stack of docs/pam-stack.md: whoever logs in as "forgot" is refused behind our line.
void WriteAccountStack(const std::string& service, const std::string& words) {
  scratch->WriteService(service, "-auth [default=ignore] " + scratch->Module() +
                                     " lang=en socket=" + scratch->Socket() + " " + words +
                                     "\nauth requisite pam_succeed_if.so quiet user != forgot\n"
                                     "auth required " +
                                     scratch->Expect() + " password=right\n");
}

FlowPeer::Play PlayResetOf(std::string& user) {
  return [&user](Peer& peer) {
    const std::string begin = peer.Expect(FrameType::kBegin);
    FieldReader fields(begin);
    fields.U8();
    fields.U8();
    fields.String();
    user = fields.String();
    EXPECT_EQ(peer.Ask(FrameType::kAskHidden, "New password: ", 0), "right");
    peer.SendDone(Outcome::kPasswordSet, 0, "Your new password is set.");
  };
}

constexpr char kWhose[] = "Type your user name: ";

TEST(AccountTrigger, AsksWhosePasswordItIsAndLetsNobodyIn) {
  WriteAccountStack("login", "trigger=account");
  std::string user;
  FlowPeer flow(*scratch, PlayResetOf(user));
  EXPECT_EQ(Login({Visible(kWhose, "alice"), Hidden("New password: ", "right"),
                   Info("Your new password is set."), Info("log in with your own user name")},
                  "forgot"),
            PAM_AUTH_ERR);
  EXPECT_EQ(user, "alice");
}

TEST(AccountTrigger, LeavesNoTokenEvenToAStackThatWouldTakeAnything) {
  WriteStack("login", "trigger=account account=help");
  std::string user;
  FlowPeer flow(*scratch, PlayResetOf(user));
  EXPECT_EQ(Login({Visible(kWhose, "alice"), Hidden("New password: ", "right"),
                   Info("Your new password is set."), Info("log in with your own user name"),
                   Hidden(kNormalPrompt, "wrong")},
                  "help"),
            PAM_AUTH_ERR);
}

TEST(AccountTrigger, OthersLogInAsBeforeAndAPromptMayStandBesideIt) {
  WriteAccountStack("login", "trigger=account");
  EXPECT_EQ(Login({Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
  WriteAccountStack("login", "account=forgot");
  EXPECT_EQ(Login({Hidden(kOurPrompt, "right")}), PAM_SUCCESS);
  EXPECT_EQ(Login({Visible(kWhose, "")}, "forgot"), PAM_AUTH_ERR);
}

TEST(AccountTrigger, TheListsHoldForTheNameThatIsTyped) {
  FlowPeer flow(*scratch, [](Peer&) {});
  for (const char* words : {"no_users=alice", "users=bob,forgot"}) {
    WriteAccountStack("login", std::string("trigger=account ") + words);
    EXPECT_EQ(Login({Visible(kWhose, "alice"), Fault("user name cannot be reset")}, "forgot"),
              PAM_AUTH_ERR);
  }
  WriteAccountStack("login", "trigger=account");
  EXPECT_EQ(Login({Visible(kWhose, "root"), Fault("user name cannot be reset")}, "forgot"),
            PAM_AUTH_ERR);
  EXPECT_EQ(Login({Visible(kWhose, "$(id)"), Fault("user name cannot be reset")}, "forgot"),
            PAM_AUTH_ERR);
  EXPECT_EQ(flow.connections(), 0);
}

TEST(AccountTrigger, AGreeterThatAnswersWithTheUserNameEndsThere) {
  WriteAccountStack("sddm", "trigger=account");
  FlowPeer flow(*scratch, [](Peer&) {});
  EXPECT_EQ(Authenticate(*scratch, "sddm", "forgot",
                         Script({Visible(kWhose, "forgot"), Fault("cannot be reset from this")})),
            PAM_AUTH_ERR);
  EXPECT_EQ(flow.connections(), 0);
}

TEST(AccountTrigger, NeverFromAfar) {
  WriteAccountStack("login", "trigger=account");
  EXPECT_EQ(Login({}, "forgot", 0, {{PAM_RHOST, "198.51.100.7"}}), PAM_AUTH_ERR);
}

}  // namespace
}  // namespace sspr::test
