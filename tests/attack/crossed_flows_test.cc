// SPDX-License-Identifier: Apache-2.0
// Flows of one user that end at the same time (M01), and tokens of one kind of flow in another
// (J05).
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

TEST(CrossedFlows, TwoResetsOfOneUserAtOnce_OneWins_TheOtherIsToldBeforeAnythingIsSet) {
  EngineWorld world;
  world.SetPolicy("limits.emails_per_ten_minutes", "10");
  world.SetPolicy("limits.emails_per_day", "50");
  world.AddUser("alice");
  for (int round = 0; round < 3; ++round) {
    world.clock().Advance(1000);
    constexpr int kFlows = 4;
    std::vector<std::string> proved;
    for (int i = 0; i < kFlows; ++i) proved.push_back(world.Prove("alice"));
    std::barrier start(kFlows);
    std::vector<std::string> outcomes(kFlows);
    std::vector<std::thread> threads;
    const auto password = [&](int i) {
      return "river stone lantern " + std::to_string(round) + " and " + std::to_string(i);
    };
    for (int i = 0; i < kFlows; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        outcomes[static_cast<std::size_t>(i)] = Outcome(world.engine().Submit(
            world.From(), proved[static_cast<std::size_t>(i)], Hidden(password(i)), ""));
      });
    }
    for (std::thread& thread : threads) thread.join();
    int winner = -1;
    for (int i = 0; i < kFlows; ++i) {
      const std::string& outcome = outcomes[static_cast<std::size_t>(i)];
      if (outcome == "ok") {
        EXPECT_EQ(winner, -1) << "two won";
        winner = i;
      } else {
        // The loser is refused; that its password is not set is checked below.
        EXPECT_TRUE(outcome == "expired_token" || outcome == "internal" ||
                    outcome == "invalid_request")
            << outcome;
      }
    }
    ASSERT_NE(winner, -1);
    EXPECT_TRUE(world.CanSignIn("alice", password(winner)));
    for (int i = 0; i < kFlows; ++i) {
      if (i != winner) {
        EXPECT_FALSE(world.CanSignIn("alice", password(i)));
      }
    }
  }
}

// A token of each kind of flow is worth nothing in each other one.
TEST(CrossedFlows, TokensOfAResetAndOfASignInDoNotCross) {
  EngineWorld world;
  world.AddUser("alice");
  const std::string reset = world.OpenEmail("alice");
  const auto begun = world.engine().SignInInitiate(world.From(), "alice", {});
  const std::string sign_in = Value(begun)->continuation_token;
  const auto refused = [](const std::string& outcome) {
    return outcome == "invalid_request" || outcome == "invalid_token" || outcome == "expired_token";
  };
  FlowService& engine = world.engine();
  const Caller from = world.From();
  const Secret code = Hidden(world.LastCode("alice@example.org"));
  EXPECT_PRED1(refused, Outcome(engine.SignInChallenge(from, reset)));
  EXPECT_PRED1(refused, Outcome(engine.SignInWithPassword(from, reset, Hidden(kOldPassword))));
  EXPECT_PRED1(refused, Outcome(engine.SignInWithContinuation(from, reset, "alice")));
  EXPECT_PRED1(refused,
               Outcome(engine.SignInWithSecondFactor(from, reset, MethodKind::kEmailCode, code)));
  EXPECT_PRED1(refused, Outcome(engine.SecondFactorMethods(from, reset)));
  EXPECT_PRED1(refused, Outcome(engine.Registrable(from, reset)));
  EXPECT_PRED1(refused, Outcome(engine.RegistrationChallenge(from, reset, MethodKind::kEmailCode,
                                                             "eve@evil.example")));
  EXPECT_PRED1(refused, Outcome(engine.Register(from, reset, code)));
  EXPECT_EQ(Outcome(engine.RedeemRefreshToken(from, Hidden(reset))), "refresh_refused");
  EXPECT_PRED1(refused, Outcome(engine.Introspect(from, sign_in)));
  EXPECT_PRED1(refused, Outcome(engine.Challenge(from, sign_in, "")));
  EXPECT_PRED1(refused, Outcome(engine.Continue(from, sign_in, MethodKind::kEmailCode, code)));
  EXPECT_PRED1(refused, Outcome(engine.Submit(from, sign_in, Hidden(kNewPassword), "")));
  EXPECT_PRED1(refused, Outcome(engine.Unlock(from, sign_in)));
  EXPECT_PRED1(refused, Outcome(engine.Poll(from, sign_in)));
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
}

}  // namespace
}  // namespace sspr::service
