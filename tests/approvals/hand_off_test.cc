// SPDX-License-Identifier: Apache-2.0
// Gates that are passed on a phone (RFC 8628) while the login screen waits.
#include <gtest/gtest.h>

#include <set>

#include "common/permit/fixed_bytes.h"
#include "service/engine/hand_offs.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr char kPhone[] = "198.51.100.20";

// A login screen that knows of everything.
constexpr Capabilities kAtLogin{.introspect = true,
                                .two_gates = true,
                                .final_submit = true,
                                .totp = true,
                                .questions = true,
                                .recovery_code = true,
                                .temporary_pass = true,
                                .push = true,
                                .hand_off = true};

class HandOffTest : public ::testing::Test {
 protected:
  HandOffTest() : parts(world.foundation().Parts()), gates(parts), hand_offs(parts, gates) {
    world.AddUser("alice");
  }

  HandOffReply Offer(const std::string& name) {
    const auto started = world.engine().Start(world.From(), world.For(name, kAtLogin));
    token = Value(started)->continuation_token;
    at_login = KindsIn(Value(started)->gates);
    const auto offered = world.engine().HandOff(world.From(), token);
    if (Value(offered) == nullptr) throw std::runtime_error(Outcome(offered));
    return *Value(offered);
  }

  std::string Poll(const HandOffReply& offered) {
    world.clock().Advance(3);
    const auto polled = world.engine().PollHandOff(world.From(), offered.continuation_token);
    if (Value(polled) != nullptr) password_token = Value(polled)->continuation_token;
    return Outcome(polled);
  }

  std::variant<TakenHandOff, Refusal> Take(const std::string& code,
                                           const std::string& address = kPhone) {
    return hand_offs.Take({.client_id = {}, .address = address, .correlation_id = {}}, code);
  }

  static std::set<MethodKind> KindsIn(const GateState& gates) {
    std::set<MethodKind> kinds;
    for (const MethodOffer& offer : gates.methods) kinds.insert(offer.kind);
    return kinds;
  }
  std::set<MethodKind> OnPhone(const HandOffReply& offered) {
    auto taken = Take(offered.user_code);
    if (std::holds_alternative<Refusal>(taken)) throw std::runtime_error("the code was not taken");
    const auto listed = world.engine().Introspect(world.From(kPhone),
                                                  std::get<TakenHandOff>(taken).continuation_token);
    return KindsIn(Value(listed)->gates);
  }

  EngineWorld world;
  EngineParts parts;
  Gates gates;
  HandOffs hand_offs;
  std::string token;
  std::string password_token;
  std::set<MethodKind> at_login;
};

TEST_F(HandOffTest, GatesArePassedOnThePhoneAndThePasswordIsSetAtTheLogin) {
  const HandOffReply offered = Offer("alice");
  EXPECT_EQ(offered.user_code.size(), 9u);
  EXPECT_EQ(offered.user_code.find_first_not_of("BCDFGHJKLMNPQRSTVWXZ-"), std::string::npos);
  EXPECT_EQ(Poll(offered), "authorization_pending");
  auto taken = Take(offered.user_code);
  ASSERT_TRUE(std::holds_alternative<TakenHandOff>(taken));
  const TakenHandOff& phone = std::get<TakenHandOff>(taken);
  EXPECT_EQ(phone.client_id, kClient);
  const auto mail = world.OpenNext(phone.continuation_token, MethodKind::kEmailCode);
  ASSERT_NE(Value(mail), nullptr) << Outcome(mail);
  EXPECT_EQ(Poll(offered), "authorization_pending");
  EXPECT_EQ(Outcome(world.engine().Continue(world.From(kPhone), Value(mail)->continuation_token,
                                            MethodKind::kEmailCode,
                                            Hidden(world.LastCode("alice@example.org")))),
            "ok");
  EXPECT_EQ(Poll(offered), "ok");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), password_token, Hidden(kNewPassword), "")),
            "ok");
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
  EXPECT_EQ(Poll(offered), "invalid_request");
}

TEST_F(HandOffTest, CodeIsReadAsPeopleTypeIt) {
  const std::string code = Offer("alice").user_code;
  std::string typed = " ";
  for (const char c : code) {
    typed += c == '-' ? ' ' : static_cast<char>(c - 'A' + 'a');
  }
  EXPECT_TRUE(std::holds_alternative<TakenHandOff>(Take(typed)));
}

TEST_F(HandOffTest, CodeIsGoodForOnePhone) {
  const HandOffReply offered = Offer("alice");
  EXPECT_TRUE(std::holds_alternative<TakenHandOff>(Take(offered.user_code)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(Take(offered.user_code)));
}

TEST_F(HandOffTest, FiveWrongCodesOfOneNetworkAreAll) {
  const HandOffReply offered = Offer("alice");
  for (int i = 0; i < 5; ++i) {
    const auto wrong = Take("BBBB-BBBB");
    EXPECT_EQ(std::get<Refusal>(wrong).code, RefusalCode::kWrongCode);
  }
  EXPECT_EQ(std::get<Refusal>(Take(offered.user_code)).code, RefusalCode::kTooManyAttempts);
  EXPECT_TRUE(std::holds_alternative<TakenHandOff>(Take(offered.user_code, "203.0.113.9")));
}

TEST_F(HandOffTest, RefusalOnThePhoneEndsTheFlow) {
  const HandOffReply offered = Offer("alice");
  auto taken = Take(offered.user_code);
  ASSERT_TRUE(std::holds_alternative<TakenHandOff>(taken));
  hand_offs.Refuse(std::get<TakenHandOff>(taken).flow_id);
  EXPECT_EQ(Poll(offered), "approval_reported");
  EXPECT_EQ(Outcome(world.engine().Challenge(world.From(), token, "")), "expired_token");
}

TEST_F(HandOffTest, CodeIsOverWhenNobodyTypesIt) {
  const HandOffReply offered = Offer("alice");
  world.clock().Advance(offered.expires_in_seconds);
  EXPECT_TRUE(std::holds_alternative<Refusal>(Take(offered.user_code)));
}

TEST_F(HandOffTest, WhoeverChangesTheirMindGoesOnAtTheLogin) {
  const HandOffReply offered = Offer("alice");
  const auto mail = world.OpenNext(offered.continuation_token, MethodKind::kEmailCode);
  ASSERT_NE(Value(mail), nullptr) << Outcome(mail);
}

TEST_F(HandOffTest, AnotherClientLearnsNothing) {
  const HandOffReply offered = Offer("alice");
  EXPECT_EQ(Outcome(world.engine().PollHandOff(world.From("192.0.2.7", kOpenClient),
                                               offered.continuation_token)),
            "invalid_token");
  EXPECT_EQ(Outcome(world.engine().PollHandOff(world.From(), token)), "invalid_request");
}

TEST_F(HandOffTest, NobodyIsHandedOverInTheSameWay) {
  const HandOffReply offered = Offer(world.Nobody());
  auto taken = Take(offered.user_code);
  ASSERT_TRUE(std::holds_alternative<TakenHandOff>(taken));
  EXPECT_EQ(Poll(offered), "authorization_pending");
  const auto listed = world.engine().Introspect(world.From(kPhone),
                                                std::get<TakenHandOff>(taken).continuation_token);
  ASSERT_NE(Value(listed), nullptr);
  EXPECT_FALSE(Value(listed)->gates.methods.empty());
}

// A user's methods are the same on the phone but for the approval. Were it otherwise for made-up
// ones, a hand-off would tell who is nobody.
TEST_F(HandOffTest, WhatIsMadeUpForNobodyIsTheSameOnThePhone) {
  world.SetPolicy("required_gates", "2");
  for (const char* const on : {"methods.approval", "methods.questions", "methods.sms"}) {
    world.SetPolicy(on, "on");
  }
  for (const char* const off : {"methods.authenticator", "methods.recovery_code"}) {
    world.SetPolicy(off, "off");
  }
  int with_approval = 0;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "nobody" + std::to_string(i);
    const HandOffReply offered = Offer(name);
    with_approval += static_cast<int>(at_login.erase(MethodKind::kApproval));
    EXPECT_EQ(OnPhone(offered), at_login) << name;
  }
  EXPECT_GT(with_approval, 0);
}

TEST_F(HandOffTest, WhoDidNotAnnounceItGetsNone) {
  const auto started = world.engine().Start(world.From(), world.For("alice"));
  const auto offered = world.engine().HandOff(world.From(), Value(started)->continuation_token);
  EXPECT_EQ(Outcome(offered), "invalid_request");
}

TEST_F(HandOffTest, OnlyAMachineThatProvedItselfIsNamed) {
  StartRequest request = world.For("alice", kAtLogin);
  request.local_set = world.SetAt('d');
  const std::string claimed = ToHex(request.local_set->device_id);
  const auto machine_of = [&](const Caller& caller) {
    const auto started = world.engine().Start(caller, request);
    if (Value(started) == nullptr) return Outcome(started);
    const auto offered = world.engine().HandOff(caller, Value(started)->continuation_token);
    auto taken = Take(Value(offered)->user_code);
    return std::get<TakenHandOff>(taken).machine;
  };
  EXPECT_EQ(machine_of(world.From()), "");
  Caller enrolled = world.From();
  enrolled.proof_key = enrolled.device_id = claimed;
  EXPECT_EQ(machine_of(enrolled), claimed);
}

}  // namespace
}  // namespace sspr::service
