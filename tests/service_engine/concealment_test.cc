// SPDX-License-Identifier: Apache-2.0
// Whoever asks learns nothing about a name: users, nobody, the disabled and those without methods
// are answered alike, step by step.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class ConcealmentTest : public testing::Test {
 protected:
  ConcealmentTest() {
    world.AddUser("alice");
    world.AddUser("disabled");
    EXPECT_TRUE(world.admin().SetEnabled("disabled", false).ok());
    EXPECT_TRUE(
        world.admin()
            .AddUser(
                {.username = "methodless", .display_name = {}, .local_account = {}, .language = {}})
            .ok());
  }

  // Everything that can be seen of a reset up to the locked method, without values that are random
  // in any case (tokens, ids).
  std::string Transcript(const std::string& name, Capabilities capabilities) {
    std::string seen;
    const auto note = [&seen](const std::string& text) { seen += text + "\n"; };
    const auto started = world.engine().Start(world.From(), world.For(name, capabilities));
    note("start " + Outcome(started));
    const StartReply& start = *Value(started);
    note(std::to_string(start.gates.required) + "/" + std::to_string(start.gates.completed) +
         " resumed=" + std::to_string(start.resumed) +
         " transaction=" + std::to_string(start.transaction_id.size()) +
         " token=" + std::to_string(start.continuation_token.size()));
    const auto opened = world.engine().Challenge(world.From(), start.continuation_token, "");
    note("challenge " + Outcome(opened));
    const ChallengeReply& challenge = *Value(opened);
    note(challenge.target_label + " " + std::to_string(challenge.code_length) + " " +
         std::to_string(challenge.resend_interval_seconds) + " " +
         std::to_string(challenge.method_id.size()));
    for (int i = 0; i < 6; ++i) {
      const auto wrong = world.engine().Continue(world.From(), challenge.continuation_token,
                                                 challenge.kind, Hidden("00000000"));
      note("continue " + Outcome(wrong) + " " +
           std::to_string(RefusalIn(wrong)->attempts_left.value_or(-1)) + " " +
           std::to_string(RefusalIn(wrong)->retry_after_seconds.value_or(-1)) + " " +
           RefusalIn(wrong)->detail + " " +
           std::to_string(RefusalIn(wrong)->continuation_token == challenge.continuation_token));
    }
    const auto again = world.engine().Challenge(world.From(), challenge.continuation_token, "");
    note("again " + Outcome(again));
    const auto submit =
        world.engine().Submit(world.From(), challenge.continuation_token, Hidden("x"), "");
    note("submit " + Outcome(submit));
    return seen;
  }

  EngineWorld world;
};

TEST_F(ConcealmentTest, EveryKindOfNameGivesTheSameTranscript) {
  const Capabilities plain{};
  const std::string of_alice = Transcript("alice", plain);
  EXPECT_NE(of_alice.find("too_many_attempts"), std::string::npos) << of_alice;
  EXPECT_NE(of_alice.find("***@e***.org"), std::string::npos) << of_alice;
  for (const std::string& name :
       {std::string("nobody"), std::string("disabled"), std::string("methodless"),
        std::string("na me"), std::string("\xC4\xB1"), std::string(300, 'x'), std::string("a\r\nb"),
        std::string("correct horse battery")}) {
    world.clock().Advance(1);
    EXPECT_EQ(Transcript(name, plain), of_alice) << name;
  }
  EXPECT_EQ(world.CodesSent(), 1U) << "mail goes to alice alone";
}

TEST_F(ConcealmentTest, MethodsOfNobodyStayTheSame_AndAreOfEveryKindThatUsersHave) {
  std::map<std::string, int> mixes;
  std::set<std::string> ids;
  for (int i = 0; i < 64; ++i) {
    const std::string name = "visitor" + std::to_string(i);
    const auto first = world.engine().Start(world.From(), world.For(name));
    const auto second = world.engine().Start(world.From(), world.For(name));
    const auto& methods = Value(first)->gates.methods;
    std::string mix;
    for (std::size_t m = 0; m < methods.size(); ++m) {
      EXPECT_EQ(methods[m].id, Value(second)->gates.methods[m].id);
      EXPECT_EQ(methods[m].hint, Value(second)->gates.methods[m].hint);
      EXPECT_EQ(methods[m].id.size(), 32U);
      EXPECT_TRUE(ids.insert(methods[m].id).second);
      mix += methods[m].kind == MethodKind::kEmailCode ? "e" : "a";
    }
    ++mixes[mix];
  }
  EXPECT_EQ(mixes.size(), 3U) << "e-mail, app, both";
}

TEST_F(ConcealmentTest, HintsOfNobodyComeFromTheDomainsOfUsers) {
  ASSERT_TRUE(world.admin().AddEmail("alice", "a@some.company.de").ok());
  std::set<std::string> hints;
  for (int i = 0; i < 40; ++i) {
    const auto started = world.engine().Start(
        world.From(), world.For("visitor" + std::to_string(i), Capabilities{}));
    hints.insert(Value(started)->gates.methods.at(0).hint);
  }
  EXPECT_EQ(hints, (std::set<std::string>{"***@e***.org", "***@s***.de"}));
}

TEST_F(ConcealmentTest, NobodysCodeIsNeverRight_WhateverIsTyped) {
  world.SetPolicy("code.attempts", "10");
  const std::string token = world.OpenEmail(world.Nobody());
  for (const char* typed : {"00000000", "none", "", "12345678"}) {
    EXPECT_EQ(Outcome(world.engine().Continue(world.From(), token, MethodKind::kEmailCode,
                                              Hidden(typed))),
              "wrong_code");
  }
}

TEST_F(ConcealmentTest, ClientThatMayKnow_IsTold) {
  for (const std::string& name : {std::string("nobody"), std::string("disabled"),
                                  std::string("methodless"), std::string("na me")}) {
    const auto told = world.engine().Start(world.From("192.0.2.1", kOpenClient), world.For(name));
    ASSERT_EQ(Outcome(told), "user_not_found") << name;
    EXPECT_EQ(RefusalIn(told)->detail, "user not found") << "not why";
  }
  for (const char* name : {"nobody", "disabled"}) {
    EXPECT_EQ(
        Outcome(world.engine().SignInInitiate(world.From("192.0.2.1", kOpenClient), name, {})),
        "user_not_found");
    EXPECT_EQ(Outcome(world.engine().SignInInitiate(world.From(), name, {})), "ok");
  }
}

// What reads like another name is another name, and mail goes to the stored address alone.
TEST_F(ConcealmentTest, LookAlikesAreNobody_CapitalsAreTheUser) {
  world.AddUser("kim@example.org");
  for (const std::string& typed :
       {std::string("k\xC4\xB1m@example.org"), std::string("\xE2\x84\xAAim@example.org"),
        std::string("kim@example.org "), std::string(" kim@example.org"),
        std::string("kim@example.org."), std::string("kim+tag@example.org"),
        std::string("kim\xE2\x80\x8B@example.org"), std::string("kim@ex\xC3\xA4mple.org"),
        std::string("\xEF\xBD\x8Bim@example.org"), std::string("kim@example.org\x00x", 17),
        std::string("ki\xC5\xBFm@example.org"), std::string("kim%"), std::string("kim_example.org"),
        std::string("kim@example.org,eve@evil.example")}) {
    EXPECT_EQ(Outcome(world.engine().Start(world.From("192.0.2.1", kOpenClient), world.For(typed))),
              "user_not_found")
        << typed;
  }
  for (const char* typed : {"KIM@EXAMPLE.ORG", "Kim@Example.org"}) {
    const auto started =
        world.engine().Start(world.From("192.0.2.1", kOpenClient), world.For(typed));
    ASSERT_EQ(Outcome(started), "ok") << typed;
    ASSERT_EQ(Outcome(world.engine().Challenge(world.From("192.0.2.1", kOpenClient),
                                               Value(started)->continuation_token, "")),
              "ok");
    EXPECT_EQ(world.Mails().back().to, "kim@example.org");
  }
}

TEST_F(ConcealmentTest, WhatWasTypedAsTheNameIsKeptNowhere) {
  const std::string canary = "MyPassw0rd-in-the-wrong-field";
  world.OpenEmail("alice");
  for (const std::string& typed : {canary, canary + " x"}) {
    const auto started = world.engine().Start(world.From(), world.For(typed));
    (void)world.engine().Challenge(world.From(), Value(started)->continuation_token, "");
    const auto sign_in = world.engine().SignInInitiate(world.From(), typed, {});
    const auto opened =
        world.engine().SignInChallenge(world.From(), Value(sign_in)->continuation_token);
    (void)world.engine().SignInWithPassword(world.From(), Value(opened)->continuation_token,
                                            Hidden(canary));
  }
  std::string lower = canary;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* file : {"sspr.db", "sspr.db-wal", "audit.jsonl"}) {
    const std::string text = world.folder().Read(file);
    EXPECT_EQ(text.find(canary), std::string::npos) << file;
    EXPECT_EQ(text.find(lower), std::string::npos) << file;
  }
  EXPECT_EQ(world.LogText().find(canary), std::string::npos);
  EXPECT_NE(world.AuditText().find("unknown user"), std::string::npos);
}

TEST_F(ConcealmentTest, PasswordPolicyNamesNobody_BeforeTheGatesAreBehind) {
  const auto without = world.engine().Policy(world.From(), "");
  ASSERT_EQ(Outcome(without), "ok");
  EXPECT_EQ(Value(without)->min_length, 15);
  EXPECT_EQ(Value(without)->max_bytes, 511);
  EXPECT_TRUE(Value(without)->forbid_contains.empty());
  const auto waiting = world.engine().Policy(world.From(), world.OpenEmail("alice"));
  EXPECT_TRUE(Value(waiting)->forbid_contains.empty());
  const auto proved = world.engine().Policy(world.From(), world.Prove("alice"));
  EXPECT_EQ(Value(proved)->forbid_contains,
            (std::vector<std::string>{"alice", "Person", "Example"}));
}

}  // namespace
}  // namespace sspr::service
