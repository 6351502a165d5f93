// SPDX-License-Identifier: Apache-2.0
// How often somebody may guess: per user and method, per device, per network; and that nothing a
// client does starts the count anew.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kHour = 3600;
constexpr UnixSeconds kDay = 24 * kHour;
constexpr UnixSeconds kTenYears = 3653 * kDay;

class LimitsTest : public testing::Test {
 protected:
  LimitsTest() { world.AddUser("alice"); }

  template <typename Token>
  std::string Guess(const Token& token, std::string_view code, const std::string& address) {
    return Outcome(
        world.engine().Continue(world.From(address), token, MethodKind::kEmailCode, Hidden(code)));
  }
  std::string Guess(const std::string& token, std::string_view code) {
    return Guess(token, code, "192.0.2.7");
  }
  std::string RightCode() { return world.LastCode("alice@example.org"); }
  // A code that is not the right one.
  std::string WrongCode() { return RightCode() == "00000000" ? "00000001" : "00000000"; }
  // A challenge that is open even where no more mail may be sent.
  std::string OpenSomehow(const std::string& name) {
    const auto started = world.engine().Start(world.From(), world.For(name));
    const auto opened =
        world.engine().Challenge(world.From(), Value(started)->continuation_token, "");
    return Value(opened) != nullptr ? Value(opened)->continuation_token : std::string();
  }

  EngineWorld world;
};

TEST_F(LimitsTest, SimultaneousGuessesOnOneSession_AtMostFiveAreCompared) {
  const std::string token = world.OpenEmail("alice");
  const std::string right = RightCode();
  constexpr int kThreads = 24;
  std::atomic<int> compared = 0;
  std::atomic<int> passed = 0;
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const auto reply = world.engine().Continue(world.From(), token, MethodKind::kEmailCode,
                                                 Hidden("1000" + std::to_string(1000 + i)));
      if (Value(reply) != nullptr) ++passed;
      const Refusal* const refusal = RefusalIn(reply);
      const bool spent = refusal != nullptr && refusal->attempts_left == 0;
      if (refusal != nullptr && refusal->code == RefusalCode::kWrongCode && !spent) ++compared;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(compared, 5);
  EXPECT_EQ(passed, 0);
  EXPECT_NE(Guess(token, right), "ok") << "the right code comes too late";
}

TEST_F(LimitsTest, SimultaneousGuessesOnManySessions_CountTogether) {
  // The sessions share one count, so that the right code among the later ones is refused.
  world.SetPolicy("limits.emails_per_ten_minutes", "10");
  std::vector<std::pair<std::string, std::string>> sessions;
  for (int i = 0; i < 8; ++i) {
    const std::string token = world.OpenEmail("alice");
    sessions.emplace_back(token, RightCode());
  }
  std::atomic<int> compared = 0;
  std::barrier start(static_cast<std::ptrdiff_t>(sessions.size()));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const std::string address = "198.51." + std::to_string(i) + ".1";
      for (int guess = 0; guess < 3; ++guess) {
        compared += Guess(sessions[i].first, "55555555", address) == "wrong_code" ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(compared, 5);
  for (const auto& [token, right] : sessions) EXPECT_EQ(Guess(token, right), "too_many_attempts");
}

TEST_F(LimitsTest, RightCodeIsConsumedByExactlyOne) {
  const std::string token = world.OpenEmail("alice");
  const std::string right = RightCode();
  constexpr int kThreads = 5;
  std::atomic<int> passed = 0;
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      passed += Guess(token, right) == "ok" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, 1);
}

TEST_F(LimitsTest, NothingAClientDoesStartsTheCountAnew) {
  const std::string token = world.OpenEmail("alice");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Guess(token, WrongCode()), "wrong_code");
  ASSERT_TRUE(world.CanSignIn("alice", kOldPassword)) << "his own sign-in in between";
  world.Restart();
  const auto resent = world.engine().Challenge(world.From(), token, "");
  ASSERT_EQ(Outcome(resent), "ok");
  EXPECT_EQ(Guess(Value(resent)->continuation_token, WrongCode()), "wrong_code");
  EXPECT_EQ(Guess(Value(resent)->continuation_token, RightCode()), "too_many_attempts");
  for (const char* spelling : {"alice", "ALICE", "Alice"}) {
    const auto started = world.engine().Start(world.From("203.0.113.9"), world.For(spelling));
    EXPECT_EQ(Outcome(world.engine().Challenge(world.From("203.0.113.9"),
                                               Value(started)->continuation_token, "")),
              "too_many_attempts")
        << spelling;
  }
  const auto other_client =
      world.engine().Start(world.From("203.0.113.9", kOpenClient), world.For("alice"));
  EXPECT_EQ(Outcome(world.engine().Challenge(world.From("203.0.113.9", kOpenClient),
                                             Value(other_client)->continuation_token, "")),
            "too_many_attempts");
}

TEST_F(LimitsTest, HourIsASlidingOne_AndTheDaysLimitShutsTheMethodForADay) {
  const auto burn = [this](int times) {
    for (int i = 0; i < times; ++i) {
      const std::string token = OpenSomehow("alice");
      EXPECT_EQ(Guess(token, WrongCode()), "wrong_code") << i;
      world.clock().Advance(11 * 60);
    }
  };
  burn(5);
  EXPECT_EQ(OpenSomehow("alice"), "") << "five in an hour";
  world.clock().Advance(kHour);
  burn(5);
  world.clock().Advance(kHour);
  EXPECT_EQ(OpenSomehow("alice"), "") << "ten in a day";
  world.clock().Advance(kDay - 3 * kHour);
  EXPECT_EQ(OpenSomehow("alice"), "");
  world.clock().Advance(2 * kHour + 1);
  EXPECT_NE(OpenSomehow("alice"), "");
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword)) << "the normal login was never affected";
}

TEST_F(LimitsTest, ClockThatIsSetBack_FreesNothing) {
  std::string token = world.OpenEmail("alice");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Guess(token, WrongCode()), "wrong_code");
  world.clock().Step(-kTenYears);
  EXPECT_EQ(OpenSomehow("alice"), "");
  world.clock().Step(60);
  EXPECT_EQ(OpenSomehow("alice"), "");
}

TEST_F(LimitsTest, ClockThatJumps_EndsFlowsAndCodes) {
  for (const UnixSeconds jump : {kTenYears, -kTenYears, UnixSeconds{-400}}) {
    const std::string token = world.OpenEmail("alice");
    const std::string code = RightCode();
    world.clock().Step(jump);
    EXPECT_EQ(Guess(token, code), "expired_token") << jump;
    world.clock().Step(-jump);
    ASSERT_TRUE(world.admin().Unlock("alice").ok());
  }
}

TEST_F(LimitsTest, FullSuccessClearsTheUsersCounters_PassingOneGateDoesNot) {
  world.AddApp("alice");
  world.SetPolicy("required_gates", "2");
  const std::string token = world.OpenEmail("alice");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Guess(token, "000000"), "wrong_code");
  const auto first =
      world.engine().Continue(world.From(), token, MethodKind::kEmailCode, Hidden(RightCode()));
  ASSERT_EQ(Outcome(first), "second_gate_required");
  const std::string again = world.OpenEmail("alice");
  EXPECT_EQ(Guess(again, "000000"), "wrong_code");
  EXPECT_EQ(Guess(again, RightCode()), "too_many_attempts") << "the four still count";

  const auto app = world.engine().Challenge(world.From(), RefusalIn(first)->continuation_token, "");
  const auto second =
      world.engine().Continue(world.From(), Value(app)->continuation_token,
                              MethodKind::kAuthenticatorCode, Hidden(world.AppCode("alice")));
  ASSERT_EQ(Outcome(second), "ok");
  ASSERT_EQ(Outcome(world.engine().Submit(world.From(), Value(second)->continuation_token,
                                          Hidden(kNewPassword), "")),
            "ok");
  EXPECT_NE(OpenSomehow("alice"), "");
}

TEST_F(LimitsTest, OneDevice_TenFailuresAnHour_OverAllUsers) {
  const auto open_at_device = [this](const std::string& name) {
    StartRequest request = world.For(name);
    request.local_set = world.SetAt('d');
    const auto started = world.engine().Start(world.From(), request);
    return Value(world.engine().Challenge(world.From(), Value(started)->continuation_token, ""))
        ->continuation_token;
  };
  for (const std::string& name : {world.Nobody(1), world.Nobody(2)}) {
    const std::string token = open_at_device(name);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(Guess(token, "00000000"), "wrong_code");
  }
  const std::string there = open_at_device("alice");
  EXPECT_EQ(Guess(there, RightCode()), "too_many_attempts");
  const std::string elsewhere = world.OpenEmail("alice");
  EXPECT_EQ(Guess(elsewhere, RightCode()), "ok");
}

TEST_F(LimitsTest, OneNetwork_FiftyFailuresAnHour_ItsNeighboursAreFree) {
  world.SetPolicy("limits.network_failures_per_hour", "7");
  for (int user = 0; user < 2; ++user) {
    const std::string token = world.OpenEmail(world.Nobody(user + 1));
    for (int i = 0; i < (user == 0 ? 5 : 2); ++i) {
      EXPECT_EQ(Guess(token, "00000000", "2001:db8:1:2::" + std::to_string(i + 1)), "wrong_code");
    }
  }
  const std::string token = world.OpenEmail("alice");
  EXPECT_EQ(Guess(token, RightCode(), "2001:db8:1:2:ffff::9"), "too_many_attempts");
  EXPECT_EQ(Guess(token, RightCode(), "2001:db8:1:3::9"), "ok");
}

TEST_F(LimitsTest, SuccessesDoNotUseUpANetwork) {
  world.SetPolicy("limits.network_failures_per_hour", "5");
  std::string password = "first new password number ";
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(Outcome(world.Reset("alice", password + std::to_string(i))), "ok") << i;
  }
}

TEST_F(LimitsTest, MailsAreLimited_ForUsersAndForNobodyAlike) {
  for (const std::string& name : {std::string("alice"), world.Nobody()}) {
    for (int i = 0; i < 3; ++i) EXPECT_NE(OpenSomehow(name), "") << name;
    const auto started = world.engine().Start(world.From(), world.For(name));
    const auto fourth =
        world.engine().Challenge(world.From(), Value(started)->continuation_token, "");
    ASSERT_EQ(Outcome(fourth), "too_many_attempts") << name;
    EXPECT_EQ(RefusalIn(fourth)->retry_after_seconds, 600) << name;
  }
  EXPECT_EQ(world.CodesSent(), 3U);
}

TEST_F(LimitsTest, ResentCodeVoidsTheOldOne_AndACodeWorksOnce) {
  const std::string token = world.OpenEmail("alice");
  const std::string old = RightCode();
  const auto resent = world.engine().Challenge(world.From(), token, "");
  ASSERT_EQ(Outcome(resent), "ok");
  const std::string fresh = RightCode();
  ASSERT_NE(old, fresh);
  EXPECT_EQ(Guess(token, old), "wrong_code");
  EXPECT_EQ(Guess(token, fresh), "ok");
  EXPECT_EQ(Guess(token, fresh), "invalid_request");
}

TEST_F(LimitsTest, CodeOfOneSessionIsWrongInAnother) {
  const std::string first = world.OpenEmail("alice");
  const std::string code = RightCode();
  const std::string second = world.OpenEmail("alice");
  EXPECT_EQ(Guess(second, code), "wrong_code");
  EXPECT_EQ(Guess(first, code), "ok");
}

TEST_F(LimitsTest, CodeLivesFiveMinutes_NotASecondMore) {
  world.SetPolicy("session.idle_seconds", "900");
  const std::string token = world.OpenEmail("alice");
  world.clock().Advance(299);
  EXPECT_EQ(Guess(token, RightCode()), "ok");
  const std::string late = world.OpenEmail("alice");
  world.clock().Advance(300);
  EXPECT_EQ(Guess(late, RightCode()), "wrong_code");
}

TEST_F(LimitsTest, SessionEnds_AfterFiveIdleMinutes_AndAfterFifteenInAll) {
  std::string token = world.OpenEmail("alice");
  world.clock().Advance(301);
  EXPECT_EQ(Guess(token, RightCode()), "expired_token");

  world.clock().Advance(kDay);
  const auto started = world.engine().Start(world.From(), world.For("alice"));
  token = Value(started)->continuation_token;
  for (int minute = 0; minute < 12; minute += 4) {
    world.clock().Advance(4 * 60);
    const auto opened = world.engine().Challenge(world.From(), token, "");
    ASSERT_EQ(Outcome(opened), "ok") << minute;
    token = Value(opened)->continuation_token;
  }
  world.clock().Advance(2 * 60 + 59);
  EXPECT_EQ(Outcome(world.engine().Introspect(world.From(), token)), "ok") << "14:59";
  world.clock().Advance(2);
  EXPECT_EQ(Outcome(world.engine().Introspect(world.From(), token)), "expired_token") << "15:01";
}

TEST_F(LimitsTest, SignIn_TenFailuresShutIt_ForUsersAndForNobodyAlike_AndAResetOpensIt) {
  const auto fail = [this](const std::string& name) {
    const auto started = world.engine().SignInInitiate(world.From(), name, {});
    const auto opened =
        world.engine().SignInChallenge(world.From(), Value(started)->continuation_token);
    return Outcome(world.engine().SignInWithPassword(
        world.From(), Value(opened)->continuation_token, Hidden("not the password")));
  };
  for (const char* name : {"alice", "nobody", "no such\nname"}) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(fail(name), "wrong_password") << name;
    EXPECT_EQ(fail(name), "too_many_attempts") << name;
  }
  EXPECT_FALSE(world.CanSignIn("alice", kOldPassword));
  EXPECT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok") << "a reset is another count";
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
}

}  // namespace
}  // namespace sspr::service
