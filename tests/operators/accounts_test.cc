// SPDX-License-Identifier: Apache-2.0
// Operators are invited, enrol, sign in, and are put out.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/operators/operator_world.h"

namespace sspr::service {
namespace {

class OperatorAccountsTest : public testing::Test {
 protected:
  OperatorWorld world;
};

TEST_F(OperatorAccountsTest, NobodyIsThereAtFirst_AndNoNameOrPasswordLetsIn) {
  EXPECT_TRUE(world.Accounts().List()->empty());
  for (const char* name : {"admin", "root", "administrator", ""}) {
    EXPECT_EQ(world.TryIn(name, "admin", "000000").verdict, SignInVerdict::kWrong) << name;
  }
}

TEST_F(OperatorAccountsTest, BootstrapWorksOnce_AndIsClosedForGood) {
  const auto first = world.Accounts().Bootstrap("olga");
  ASSERT_TRUE(first.ok());
  const auto second = world.Accounts().Bootstrap("olga");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(world.EnrolWith("olga", first->code.Reveal()), "") << "the newer secret counts";
  EXPECT_NE(world.EnrolWith("olga", second->code.Reveal()), "");
  EXPECT_EQ(world.EnrolWith("olga", second->code.Reveal()), "") << "used twice";
  EXPECT_EQ(world.Accounts().Show("olga")->role, OperatorRole::kAdmin);

  EXPECT_EQ(world.Accounts().Bootstrap("eve").error().code, Errc::kDenied);
  ASSERT_TRUE(world.Accounts().Remove("olga").ok());
  world.Restart();
  EXPECT_TRUE(world.Accounts().List()->empty());
  EXPECT_EQ(world.Accounts().Bootstrap("eve").error().code, Errc::kDenied)
      << "it must not open again when the last operator is gone";
}

TEST_F(OperatorAccountsTest, BootstrapForAnotherNameTakesTheFirstSecretBack) {
  const auto first = world.Accounts().Bootstrap("olga");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(world.Accounts().Bootstrap("otto").ok());
  EXPECT_EQ(world.EnrolWith("olga", first->code.Reveal()), "");
  EXPECT_EQ(world.Accounts().List()->size(), 1U);
}

TEST_F(OperatorAccountsTest, AnyEnrolmentClosesTheBootstrap) {
  world.Enrol("anna", OperatorRole::kAuditor);
  EXPECT_EQ(world.Accounts().Bootstrap("eve").error().code, Errc::kDenied);
}

TEST_F(OperatorAccountsTest, AnInvitationGrowsOld) {
  const auto first = world.Accounts().Bootstrap("olga");
  world.clock().Advance(1 * 3600);
  EXPECT_EQ(world.EnrolWith("olga", first->code.Reveal()), "");
  const auto invited = world.Accounts().Add({.name = "otto", .role = OperatorRole::kAdmin});
  world.clock().Advance(24 * 3600);
  EXPECT_EQ(world.EnrolWith("otto", invited->code.Reveal()), "");
}

TEST_F(OperatorAccountsTest, SignInNeedsPasswordAndCode_AndSaysTheSameForAllThatIsWrong) {
  world.Enrol("olga", OperatorRole::kAdmin);
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kIn);
  EXPECT_EQ(world.TryIn("olga", "not the password at all", world.OperatorCode("olga")).verdict,
            SignInVerdict::kWrong);
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, "000000").verdict, SignInVerdict::kWrong);
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, "").verdict, SignInVerdict::kWrong);
  EXPECT_EQ(world.TryIn("nobody", kOperatorPassword, "000000").verdict, SignInVerdict::kWrong);
  EXPECT_EQ(world.TryIn("OLGA", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kIn);
}

TEST_F(OperatorAccountsTest, ACodeLetsInOnce_AlsoManyAtOnce) {
  world.Enrol("olga", OperatorRole::kAdmin);
  const std::string code = world.OperatorCode("olga");
  std::atomic<int> in = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      in += world.TryIn("olga", kOperatorPassword, code).verdict == SignInVerdict::kIn ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(in, 1);
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, code).verdict, SignInVerdict::kWrong);
}

TEST_F(OperatorAccountsTest, FailuresCloseTheNameForLongerAndLonger_AlsoOneThatIsNobodys) {
  world.Enrol("olga", OperatorRole::kAdmin);
  for (const std::string name : {"olga", "nobody"}) {
    for (int i = 0; i < 10; ++i) {
      const std::string address = "198.51." + std::to_string(i) + ".1";
      EXPECT_EQ(world.TryIn(name, "wrong", "000000", address).verdict, SignInVerdict::kWrong);
    }
    const SignInAnswer closed = world.TryIn(name, kOperatorPassword, "000000");
    EXPECT_EQ(closed.verdict, SignInVerdict::kWait) << name;
    EXPECT_EQ(closed.wait_seconds, 60) << name;
    world.clock().Advance(60);
    EXPECT_EQ(world.TryIn(name, "wrong", "000000").verdict, SignInVerdict::kWrong);
    EXPECT_EQ(world.TryIn(name, "wrong", "000000").wait_seconds, 120) << name;
  }
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kWait);
  ASSERT_TRUE(world.Accounts().Unlock("olga").ok());
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kIn);
}

TEST_F(OperatorAccountsTest, OneNetworkTriesThirtyTimesInAQuarterOfAnHour) {
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(world.TryIn("nobody" + std::to_string(i), "wrong", "000000").verdict,
              SignInVerdict::kWrong);
  }
  EXPECT_EQ(world.TryIn("somebody", "wrong", "000000").verdict, SignInVerdict::kWait);
  EXPECT_EQ(world.TryIn("somebody", "wrong", "000000", "203.0.113.9").verdict,
            SignInVerdict::kWrong);
}

TEST_F(OperatorAccountsTest, SessionsEndByTimeAndByRest) {
  const std::string token = world.Enrol("olga", OperatorRole::kAdmin);
  EXPECT_TRUE(world.SignIn().Find(token));
  EXPECT_FALSE(world.SignIn().Find(token.substr(1)));
  EXPECT_FALSE(world.SignIn().Find(token + "0"));
  world.clock().Advance(14 * 60);
  EXPECT_TRUE(world.SignIn().Find(token)) << "which counts as a request";
  world.clock().Advance(15 * 60);
  EXPECT_FALSE(world.SignIn().Find(token));

  const std::string busy = world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).token;
  for (int i = 0; i < 47; ++i) {
    world.clock().Advance(10 * 60);
    EXPECT_TRUE(world.SignIn().Find(busy)) << i;
  }
  world.clock().Advance(10 * 60);
  EXPECT_FALSE(world.SignIn().Find(busy)) << "eight hours, however busy";
}

TEST_F(OperatorAccountsTest, EachChangeEndsTheSessions) {
  using Change = std::function<Status(OperatorAccounts&)>;
  const Change changes[] = {
      [](OperatorAccounts& a) { return a.SetRole("olga", OperatorRole::kAuditor); },
      [](OperatorAccounts& a) { return a.SetEnabled("olga", false); },
      [](OperatorAccounts& a) { return a.SetEnabled("olga", true); },
      [](OperatorAccounts& a) {
        const auto made = a.Reinvite("olga");
        return made.ok() ? Ok() : Status(made.error());
      },
      [](OperatorAccounts& a) { return a.Remove("olga"); },
  };
  for (const Change& change : changes) {
    (void)world.Accounts().Remove("olga");
    const std::string token = world.Enrol("olga", OperatorRole::kAdmin);
    ASSERT_TRUE(world.SignIn().Find(token));
    OperatorAccounts accounts = world.Accounts();
    ASSERT_TRUE(change(accounts).ok());
    EXPECT_FALSE(world.SignIn().Find(token));
  }
}

TEST_F(OperatorAccountsTest, WhoIsDisabledOrInvitedAnewDoesNotGetInWithTheOldSecrets) {
  world.Enrol("olga", OperatorRole::kAdmin);
  ASSERT_TRUE(world.Accounts().SetEnabled("olga", false).ok());
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kWrong);
  ASSERT_TRUE(world.Accounts().SetEnabled("olga", true).ok());
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kIn);
  const auto again = world.Accounts().Reinvite("olga");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(world.TryIn("olga", kOperatorPassword, world.OperatorCode("olga")).verdict,
            SignInVerdict::kWrong);
  EXPECT_NE(world.EnrolWith("olga", again->code.Reveal()), "");
}

TEST_F(OperatorAccountsTest, NobodyChangesTheirOwnAccount) {
  world.Enrol("olga", OperatorRole::kAdmin);
  OperatorAccounts own = world.Accounts({.name = "olga", .address = kOffice});
  EXPECT_EQ(own.SetRole("olga", OperatorRole::kAuditor).error().code, Errc::kDenied);
  EXPECT_EQ(own.SetEnabled("olga", false).error().code, Errc::kDenied);
  EXPECT_EQ(own.Remove("olga").error().code, Errc::kDenied);
  EXPECT_EQ(own.Reinvite("olga").error().code, Errc::kDenied);
  EXPECT_EQ(own.Unlock("olga").error().code, Errc::kDenied);
}

TEST_F(OperatorAccountsTest, EnrolmentAsksForAGoodPasswordAndTheAppsCode) {
  const auto invited = world.Accounts().Bootstrap("olga");
  OperatorSignIn sign_in = world.SignIn();
  const auto opened = sign_in.Redeem("olga", Hidden(invited->code.Reveal()), kOffice);
  const auto session = sign_in.Find(opened->token);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->kind, OperatorSessionKind::kEnrolling);
  EXPECT_EQ(sign_in.Enrol(*session, Hidden("short"), Hidden("000000"), kOffice).error().code,
            Errc::kPolicy);
  EXPECT_EQ(
      sign_in.Enrol(*session, Hidden(kOperatorPassword), Hidden("000000"), kOffice).error().code,
      Errc::kDenied);
  EXPECT_FALSE(world.Accounts().Show("olga")->enrolled);
}

TEST_F(OperatorAccountsTest, NamesArePlain_AndTheAuditSaysWhoDidWhat) {
  for (const std::string name : {"", "Olga", "a b", "-a", "<b>"}) {
    EXPECT_EQ(world.Accounts().Add({.name = name, .role = OperatorRole::kAdmin}).error().code,
              Errc::kPolicy)
        << name;
  }
  EXPECT_EQ(world.Accounts()
                .Add({.name = "olga", .role = OperatorRole::kAdmin, .person = "nobody"})
                .error()
                .code,
            Errc::kDenied);
  ASSERT_TRUE(world.Accounts({.name = "otto", .address = kOffice})
                  .Add({.name = "olga", .role = OperatorRole::kHelpDesk})
                  .ok());
  const std::string audit = world.AuditText();
  EXPECT_NE(audit.find("\"event\":\"operator.add\""), std::string::npos);
  EXPECT_NE(audit.find("\"operator\":\"otto\""), std::string::npos);
  EXPECT_NE(audit.find(kOffice), std::string::npos);
}

TEST_F(OperatorAccountsTest, NoSecretIsInTheDatabaseOrTheAudit) {
  const auto invited = world.Accounts().Bootstrap("olga");
  std::string plain(invited->code.Reveal());
  std::erase(plain, '-');
  ASSERT_NE(world.EnrolWith("olga", invited->code.Reveal()), "");
  const std::string code = world.OperatorCode("olga");
  const std::string token = world.TryIn("olga", kOperatorPassword, code).token;
  for (const char* file : {"sspr.db", "sspr.db-wal", "audit.jsonl"}) {
    const std::string bytes = world.folder().Read(file);
    EXPECT_EQ(bytes.find(plain), std::string::npos) << file;
    EXPECT_EQ(bytes.find(invited->code.Reveal()), std::string::npos) << file;
    EXPECT_EQ(bytes.find(kOperatorPassword), std::string::npos) << file;
    EXPECT_EQ(bytes.find(token), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace sspr::service
