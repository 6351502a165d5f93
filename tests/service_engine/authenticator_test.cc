// SPDX-License-Identifier: Apache-2.0
// Codes of an authenticator app as a gate: which are right, and that each is right once.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    world.AddUser("alice");
    world.AddApp("alice");
  }
  // Opens the app's challenge; its token.
  std::string OpenApp() {
    const auto started = world.engine().Start(world.From(), world.For("alice"));
    std::string id;
    for (const MethodOffer& offer : Value(started)->gates.methods) {
      if (offer.kind == MethodKind::kAuthenticatorCode) id = offer.id;
    }
    return Value(world.engine().Challenge(world.From(), Value(started)->continuation_token, id))
        ->continuation_token;
  }
  std::string Try(const std::string& token, std::string_view code) {
    return Outcome(
        world.engine().Continue(world.From(), token, MethodKind::kAuthenticatorCode, Hidden(code)));
  }

  EngineWorld world;
};

TEST_F(AuthenticatorTest, OnlyTheStepsNextToNowAreRight_AtTheBordersToo) {
  ASSERT_EQ(world.clock().Now() % 30, 0);
  for (const auto& [drift, expected] : {std::pair{-61, "wrong_code"},
                                        {-31, "wrong_code"},
                                        {-30, "ok"},
                                        {0, "ok"},
                                        {30, "ok"},
                                        {59, "ok"},
                                        {60, "wrong_code"},
                                        {90, "wrong_code"},
                                        {-90, "wrong_code"}}) {
    ASSERT_TRUE(world.admin().Unlock("alice").ok());
    world.clock().Advance(3600);  // past the steps that were used
    EXPECT_EQ(Try(OpenApp(), world.AppCode("alice", drift)), expected) << drift;
  }
}

TEST_F(AuthenticatorTest, UsedCodeIsWrong_InTheSameSession_InAnother_AndAfterARestart) {
  const std::string code = world.AppCode("alice");
  EXPECT_EQ(Try(OpenApp(), code), "ok");
  EXPECT_EQ(Try(OpenApp(), code), "wrong_code");
  world.Restart();
  EXPECT_EQ(Try(OpenApp(), code), "wrong_code");
}

TEST_F(AuthenticatorTest, CodeOfAnEarlierStepIsWrong_AfterALaterOne) {
  world.clock().Advance(3600);
  const std::string earlier = world.AppCode("alice", -30);
  EXPECT_EQ(Try(OpenApp(), world.AppCode("alice", 30)), "ok");
  EXPECT_EQ(Try(OpenApp(), earlier), "wrong_code");
  EXPECT_EQ(Try(OpenApp(), world.AppCode("alice")), "wrong_code");
}

TEST_F(AuthenticatorTest, SameInstantInManySessions_OneWins) {
  constexpr int kSessions = 5;
  std::vector<std::string> tokens;
  for (int i = 0; i < kSessions; ++i) tokens.push_back(OpenApp());
  const std::string code = world.AppCode("alice");
  std::atomic<int> passed = 0;
  std::barrier start(kSessions);
  std::vector<std::thread> threads;
  for (const std::string& token : tokens) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      passed += Try(token, code) == "ok" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 1);
}

TEST_F(AuthenticatorTest, GateOfAnotherKindDoesNotTakeItsCode) {
  EXPECT_EQ(Outcome(world.engine().Continue(world.From(), OpenApp(), MethodKind::kEmailCode,
                                            Hidden(world.AppCode("alice")))),
            "invalid_request");
  EXPECT_EQ(Try(world.OpenEmail("alice"), world.AppCode("alice")), "invalid_request");
}

TEST_F(AuthenticatorTest, FailuresOfTheAppDoNotShutTheMail) {
  const std::string token = OpenApp();
  for (int i = 0; i < 5; ++i) (void)Try(token, "000000");
  EXPECT_EQ(Try(token, world.AppCode("alice")), "too_many_attempts");
  EXPECT_NE(world.Prove("alice"), "");
}

TEST_F(AuthenticatorTest, SecretIsShownOnce_AndSealedInTheDatabase) {
  EXPECT_FALSE(world.admin().AddTotp("alice").ok()) << "a second one needs the first removed";
  world.AddUser("bob");
  const Result<TotpEnrolment> enrolment = world.admin().AddTotp("bob");
  ASSERT_TRUE(enrolment.ok());
  const std::string base32(enrolment->base32_secret.Reveal());
  EXPECT_EQ(base32.size(), 32U) << "160 bits";
  const std::string uri(enrolment->otpauth_uri.Reveal());
  EXPECT_TRUE(uri.starts_with("otpauth://totp/SSPR%20Login:bob?secret=" + base32)) << uri;
  for (const char* file : {"sspr.db", "sspr.db-wal", "audit.jsonl"}) {
    EXPECT_EQ(world.folder().Read(file).find(base32), std::string::npos) << file;
  }
}

TEST_F(AuthenticatorTest, AnotherSecretsKeyOpensNothing) {
  world.folder().Write("secrets.key", std::string(32, 'k'));
  world.Restart();
  EXPECT_NE(Try(OpenApp(), world.AppCode("alice")), "ok");
  EXPECT_NE(world.LogText().find("does not open with the secrets key"), std::string::npos);
}

}  // namespace
}  // namespace sspr::service
