// SPDX-License-Identifier: Apache-2.0
// What the service and an agent say to each other: there and back, and what is refused.
#include "service/writeback/messages.h"

#include <gtest/gtest.h>
#include <json/value.h>

#include "common/protocol/json_fields.h"

namespace sspr::service {
namespace {

WritebackJob SetJob() {
  return {.id = "0a",
          .kind = JobKind::kSet,
          .user_id = "u1",
          .transaction_id = "t1",
          .state_before = "20260101000000Z",
          .expires_at = 1767225600,
          .settle_only = true,
          .given_at = 1767225500,
          .sealed = "c2VhbGVk"};
}

TEST(WritebackMessages, JobComesBack) {
  const auto job = JobFromJson(*ParseStrictJson(CompactJson(ToJson(SetJob()))));
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(CompactJson(ToJson(*job)), CompactJson(ToJson(SetJob())));
  EXPECT_TRUE(job->settle_only);
  EXPECT_EQ(job->given_at, 1767225500);
}

TEST(WritebackMessages, AnswerWithAPersonComesBack) {
  WritebackAnswer answer{.job_id = "0a", .kind = AnswerKind::kDone};
  answer.user = DirectoryUser{.id = "u1",
                              .username = "alice",
                              .display_name = "Älice",
                              .local_account = "asmith",
                              .language = "de",
                              .password_generation = 1767225600,
                              .groups = {"staff", "ops"},
                              .password_changed_at = 1767225601,
                              .locked = true,
                              .state_before = "x"};
  answer.may_reset = true;
  answer.detail = "caf\xC3\xA9\n";
  const auto back = AnswerFromJson(*ParseStrictJson(CompactJson(ToJson(answer))));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->user->display_name, "Älice");
  EXPECT_EQ(back->user->groups, answer.user->groups);
  EXPECT_EQ(back->user->password_changed_at, 1767225601);
  EXPECT_TRUE(back->user->locked);
  EXPECT_TRUE(back->may_reset);
  EXPECT_FALSE(back->may_unlock);
  EXPECT_EQ(back->detail, "caf???") << "for a log: plain";
}

TEST(WritebackMessages, WhatIsUnknownOrHalf_IsRefused) {
  for (const char* const text :
       {R"({})", R"({"id":"1","kind":"erase","expires_at":1})", R"({"id":"1","kind":"set"})",
        R"({"id":"","kind":"set","expires_at":1})",
        R"({"id":"1","kind":"set","expires_at":"1"})"}) {
    EXPECT_FALSE(JobFromJson(*ParseStrictJson(text)).ok()) << text;
  }
  for (const char* const text :
       {R"({})", R"({"id":"1","answer":"perhaps"})", R"({"id":"1","answer":"refused"})",
        R"({"id":"1","answer":"refused","refusal":"internal"})",
        R"({"id":"1","answer":"done","user":{"id":"u"}})",
        R"({"id":"1","answer":"done","user":7})"}) {
    EXPECT_FALSE(AnswerFromJson(*ParseStrictJson(text)).ok()) << text;
  }
}

TEST(WritebackMessages, SealIsBoundToAgentJobUserTransactionAndTime) {
  const std::string context = SealingContext(SetJob(), "agent");
  EXPECT_NE(SealingContext(SetJob(), "agent2"), context);
  for (const auto change : {+[](WritebackJob& job) { job.id = "0b"; },
                            +[](WritebackJob& job) { job.kind = JobKind::kVerify; },
                            +[](WritebackJob& job) { job.user_id = "u2"; },
                            +[](WritebackJob& job) { job.transaction_id = "t2"; },
                            +[](WritebackJob& job) { ++job.expires_at; }}) {
    WritebackJob other = SetJob();
    change(other);
    EXPECT_NE(SealingContext(other, "agent"), context);
  }
}

}  // namespace
}  // namespace sspr::service
