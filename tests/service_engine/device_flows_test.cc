// SPDX-License-Identifier: Apache-2.0
// Flows of enrolled devices: bound to a key, kept apart from tries from elsewhere.
#include <gtest/gtest.h>

#include "common/permit/fixed_bytes.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

const std::string kDevice(64, 'a');
const std::string kOtherDevice(64, 'b');

class DeviceFlowsTest : public ::testing::Test {
 protected:
  DeviceFlowsTest() { world_.AddUser("alice"); }

  // A request of the enrolled device, as the API makes it of a proof.
  Caller At(const std::string& device, const char* address = "192.0.2.7") {
    Caller caller = world_.From(address);
    caller.proof_key = device;
    caller.device_id = device;
    return caller;
  }
  std::string Open(const Caller& caller) {
    const auto started = world_.engine().Start(caller, world_.For("alice"));
    const StartReply* const reply = Value(started);
    if (reply == nullptr) return Outcome(started);
    const auto opened = world_.engine().Challenge(caller, reply->continuation_token, "");
    return Value(opened) != nullptr ? Value(opened)->continuation_token : Outcome(opened);
  }
  std::string Try(const Caller& caller, const std::string& token, std::string_view code) {
    return Outcome(world_.engine().Continue(caller, token, MethodKind::kEmailCode, Hidden(code)));
  }
  std::string WrongCode() {
    const std::string right = world_.LastCode("alice@example.org");
    return right == "00000000" ? "11111111" : "00000000";
  }
  // Wrong codes until the limit says no; how many were judged.
  int Burn(const Caller& caller) {
    int judged = 0;
    for (int flow = 0; flow < 8; ++flow) {
      const std::string token = Open(caller);
      if (token.size() != 64) return judged;
      for (int i = 0; i < 5; ++i) {
        const std::string said = Try(caller, token, WrongCode());
        if (said == "too_many_attempts") return judged;
        if (said == "wrong_code") ++judged;
      }
    }
    return judged;
  }

  EngineWorld world_;
};

TEST_F(DeviceFlowsTest, WhoBurnsTheTriesFromElsewhereTakesNothingFromTheOwnMachine) {
  EXPECT_EQ(Burn(world_.From("198.51.100.9")), 5);
  EXPECT_EQ(Open(world_.From("203.0.113.5")), "too_many_attempts");
  const Caller own = At(kDevice);
  const std::string token = Open(own);
  ASSERT_EQ(token.size(), 64U) << token;
  EXPECT_EQ(Try(own, token, WrongCode()), "wrong_code");
  EXPECT_EQ(Try(own, token, world_.LastCode("alice@example.org")), "ok");
}

TEST_F(DeviceFlowsTest, NamingADeviceIsNotToBeIt) {
  Caller attacker = world_.From("198.51.100.9");
  StartRequest request = world_.For("alice");
  request.local_set = LocalSet{
      .account = "alice", .device_id = FromHex(kDevice).value(), .nonce = std::string(32, 'n')};
  for (int i = 0; i < 3; ++i) {
    const auto started = world_.engine().Start(attacker, request);
    ASSERT_NE(Value(started), nullptr);
    const auto opened = world_.engine().Challenge(attacker, Value(started)->continuation_token, "");
    if (Value(opened) == nullptr) break;
    for (int j = 0; j < 5; ++j) {
      (void)Try(attacker, Value(opened)->continuation_token, WrongCode());
    }
  }
  EXPECT_EQ(Burn(At(kDevice)), 5) << "nothing was used up of the device's own";
}

TEST_F(DeviceFlowsTest, EachDeviceHasItsOwnTriesBelowACapForAll) {
  world_.SetPolicy("limits.enrolled_failures_per_day", "12");
  EXPECT_EQ(Burn(At(std::string(64, '1'))), 5);
  EXPECT_EQ(Burn(At(std::string(64, '2'))), 5);
  EXPECT_EQ(Burn(At(std::string(64, '3'))), 2) << "the absolute cap";
  EXPECT_EQ(Open(At(std::string(64, '4'))), "too_many_attempts");
  EXPECT_EQ(Burn(world_.From("198.51.100.9")), 5) << "tries from elsewhere are counted apart";
}

TEST_F(DeviceFlowsTest, MailsToTheAccountAreKeptApartToo) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Open(world_.From("198.51.100.9")).size(), 64U);
  EXPECT_EQ(Open(world_.From("198.51.100.9")), "too_many_attempts");
  EXPECT_EQ(Open(At(kDevice)).size(), 64U);
}

TEST_F(DeviceFlowsTest, AResetForgetsTheFailuresOfItsDeviceAndAnUnlockThoseOfAll) {
  EXPECT_EQ(Burn(At(kDevice)), 5);
  EXPECT_EQ(Burn(At(kOtherDevice)), 5);
  ASSERT_TRUE(world_.admin().Unlock("alice").ok());
  EXPECT_EQ(Burn(At(kDevice)), 5);
  EXPECT_EQ(Burn(At(kOtherDevice)), 5);
}

TEST_F(DeviceFlowsTest, AFlowGoesOnWithTheKeyThatItBeganWith) {
  const Caller own = At(kDevice);
  const std::string token = Open(own);
  ASSERT_EQ(token.size(), 64U);
  const std::string code = world_.LastCode("alice@example.org");
  EXPECT_EQ(Try(At(kOtherDevice), token, code), "invalid_proof");
  EXPECT_EQ(Try(world_.From(), token, code), "invalid_proof") << "without any proof";
  EXPECT_EQ(Try(own, token, code), "ok");
}

TEST_F(DeviceFlowsTest, OnlyEnrolledDevicesWhereThePolicySaysSo) {
  const Caller own = At(kDevice);
  Caller keyed = world_.From();
  keyed.proof_key = kOtherDevice;  // a key that is not enrolled
  const std::string before = Open(world_.From());
  ASSERT_EQ(before.size(), 64U);
  world_.SetPolicy("devices.required", "on");
  EXPECT_EQ(Outcome(world_.engine().Start(world_.From(), world_.For("alice"))), "device_required");
  EXPECT_EQ(Outcome(world_.engine().Start(keyed, world_.For("alice"))), "device_required");
  EXPECT_EQ(Outcome(world_.engine().Start(world_.From(), world_.For("nobody-at-all"))),
            "device_required")
      << "the same for every name";
  EXPECT_EQ(Outcome(world_.engine().Start(own, world_.For("alice"))), "ok");
  EXPECT_EQ(Try(world_.From(), before, world_.LastCode("alice@example.org")), "device_required")
      << "a flow that was under way does not go on";
}

TEST_F(DeviceFlowsTest, ALocalSetIsOfTheDeviceThatAsks) {
  StartRequest request = world_.For("alice");
  request.local_set = LocalSet{.account = "alice",
                               .device_id = FromHex(kOtherDevice).value(),
                               .nonce = std::string(32, 'n')};
  EXPECT_EQ(Outcome(world_.engine().Start(At(kDevice), request)), "invalid_proof");
  EXPECT_EQ(Outcome(world_.engine().Start(At(kOtherDevice), request)), "ok");
}

TEST_F(DeviceFlowsTest, WhatBecameOfATransactionIsForItsDevice) {
  const Caller own = At(kDevice);
  StartRequest request = world_.For("alice");
  const auto started = world_.engine().Start(own, request);
  ASSERT_NE(Value(started), nullptr);
  const std::string id = Value(started)->transaction_id;
  EXPECT_EQ(Outcome(world_.engine().Transaction(world_.From(), id)), "invalid_proof");
  EXPECT_EQ(Outcome(world_.engine().Transaction(At(kOtherDevice), id)), "invalid_proof");
  EXPECT_EQ(Outcome(world_.engine().Transaction(own, id)), "ok");
}

TEST_F(DeviceFlowsTest, AResumedFlowKeepsItsKey) {
  StartRequest request = world_.For("alice");
  request.resume_key = std::string(32, 'r');
  ASSERT_NE(Value(world_.engine().Start(At(kDevice), request)), nullptr);
  const auto foreign = world_.engine().Start(At(kOtherDevice), request);
  ASSERT_NE(Value(foreign), nullptr);
  EXPECT_FALSE(Value(foreign)->resumed);
  world_.clock().Advance(1);
  const auto without = world_.engine().Start(world_.From(), request);
  ASSERT_NE(Value(without), nullptr);
  EXPECT_FALSE(Value(without)->resumed);
}

}  // namespace
}  // namespace sspr::service
