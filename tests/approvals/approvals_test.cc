// SPDX-License-Identifier: Apache-2.0
// Approval on a phone: the number, the limits, the answers, the report (security catalogue H11,
// H13, H23).
#include <gtest/gtest.h>

#include "common/permit/fixed_bytes.h"
#include "service/approvals/approval_desk.h"
#include "service/approvals/p256.h"
#include "service/store/device_table.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr char kBase[] = "https://reset.example.org/corp";

constexpr Capabilities kWithPush{
    .introspect = true, .two_gates = true, .final_submit = true, .totp = true, .push = true};

P256Key NewKey() {
  auto made = P256Key::Generate();
  if (!made.ok()) throw std::runtime_error(made.error().detail);
  return std::move(*made);
}

// A phone as its browser is: a key that stays there, and the id that it got.
struct TestPhone {
  explicit TestPhone(P256Key made) : key(std::move(made)) {}
  P256Key key;
  std::string id;
};

class Approvals : public ::testing::Test {
 protected:
  Approvals() {
    world.SetPolicy("methods.approval", "on");
    world.SetPolicy("required_gates", "2");
    world.SetPolicy("registration.cooling_hours", "0");
    world.AddUser("alice");
    desk = std::make_unique<ApprovalDesk>(world.foundation().Parts(), *world.foundation().database,
                                          kBase);
  }

  std::string IdOf(const std::string& name) { return world.foundation().store->FindUser(name)->id; }

  Result<EnrolledPhone> Enrol(TestPhone& phone, const std::string& code) {
    const auto signature = phone.key.Sign(EnrolText(kBase, code, phone.key.point()));
    return desk->Enrol(world.From(), {.code = code,
                                      .name = "Alice's phone",
                                      .public_key = phone.key.point(),
                                      .signature = *signature});
  }

  TestPhone NewPhone(const std::string& name) {
    TestPhone phone(NewKey());
    const auto offered = desk->Offer(IdOf(name));
    EXPECT_TRUE(offered.ok());
    const auto enrolled = Enrol(phone, std::string(offered->code.Reveal()));
    EXPECT_TRUE(enrolled.ok());
    phone.id = enrolled->device_id;
    return phone;
  }

  std::vector<WaitingApproval> Waiting(const TestPhone& phone) {
    PhoneProof proof{.device_id = phone.id, .at = world.clock().Now(), .signature = {}};
    proof.signature = *phone.key.Sign(ListText(kBase, proof));
    const auto list = desk->List(proof);
    return list.ok() ? list->requests : std::vector<WaitingApproval>();
  }

  AnswerRequest Signed(const TestPhone& phone, const std::string& request, PhoneAnswer answer,
                       const std::string& number = "") {
    AnswerRequest made{.device_id = phone.id,
                       .request_id = request,
                       .answer = answer,
                       .number = number,
                       .signature = {}};
    made.signature = *phone.key.Sign(AnswerText(kBase, made));
    return made;
  }

  std::string Say(const AnswerRequest& answer) {
    const auto outcome = desk->Answer(world.From("198.51.100.1"), answer);
    if (!outcome.ok()) return "denied";
    switch (*outcome) {
      case AnswerOutcome::kTaken:
        return "taken";
      case AnswerOutcome::kWrongNumber:
        return "wrong number";
      case AnswerOutcome::kNothingWaits:
        return "nothing waits";
    }
    return "?";
  }

  std::string Start(const std::string& name) {
    const auto started = world.engine().Start(world.From(), world.For(name, kWithPush));
    return Value(started) != nullptr ? Value(started)->continuation_token : std::string();
  }

  Reply<ChallengeReply> Ask(const std::string& name) {
    return world.OpenNext(Start(name), MethodKind::kApproval);
  }

  std::string Poll(const std::string& token) {
    world.clock().Advance(kPollSeconds);
    return Outcome(world.engine().PollApproval(world.From(), token));
  }

  static constexpr int kPollSeconds = 3;
  EngineWorld world;
  std::unique_ptr<ApprovalDesk> desk;
};

TEST_F(Approvals, NumberTypedOnThePhoneOpensTheGate) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr) << Outcome(asked);
  const ChallengeReply& challenge = *Value(asked);
  EXPECT_EQ(challenge.display_code.size(), 6u);
  EXPECT_EQ(challenge.expires_in_seconds, 120);
  EXPECT_EQ(Poll(challenge.continuation_token), "authorization_pending");

  const auto waiting = Waiting(phone);
  ASSERT_EQ(waiting.size(), 1u);
  EXPECT_EQ(waiting[0].place, "192.0.2.7");
  EXPECT_EQ(Say(Signed(phone, waiting[0].id, PhoneAnswer::kApprove, challenge.display_code)),
            "taken");
  EXPECT_EQ(Poll(challenge.continuation_token), "second_gate_required");
  EXPECT_TRUE(Waiting(phone).empty());
  EXPECT_NE(world.AuditText().find("approval.answer"), std::string::npos);
}

// What the phone is told of the machine that asks: the name of an enrolled one, and nothing of one
// that only says that it is it.
TEST_F(Approvals, PhoneIsToldTheNameOfAnEnrolledMachineAlone) {
  const std::string id = ToHex(world.SetAt('d').device_id);
  DeviceTable devices(*world.foundation().database);
  devices.InsertToken({.id = "t",
                       .digest = "d",
                       .group = {},
                       .issued_by = {},
                       .expires_at = world.clock().Now() + 60});
  DeviceRecord record{.id = id,
                      .public_key = "{}",
                      .name = "Desk <b>12</b>",
                      .os = {},
                      .versions = {},
                      .group = {},
                      .enrolment = {},
                      .revoked_because = {}};
  ASSERT_EQ(devices.Enrol("d", record, world.clock().Now()), DeviceTable::Enrolment::kEnrolled);
  const TestPhone phone = NewPhone("alice");
  const auto shown = [&](const Caller& caller) -> std::string {
    StartRequest request = world.For("alice", kWithPush);
    request.local_set = world.SetAt('d');
    const auto started = world.engine().Start(caller, request);
    if (Value(started) == nullptr) return Outcome(started);
    for (const MethodOffer& offer : Value(started)->gates.methods) {
      if (offer.kind != MethodKind::kApproval) continue;
      const auto asked =
          world.engine().Challenge(caller, Value(started)->continuation_token, offer.id);
      if (Value(asked) == nullptr) return Outcome(asked);
    }
    const auto waiting = Waiting(phone);
    if (waiting.size() != 1) return "nothing waits";
    EXPECT_EQ(Say(Signed(phone, waiting[0].id, PhoneAnswer::kDeny)), "taken");
    return waiting[0].machine;
  };
  Caller enrolled = world.From();
  enrolled.proof_key = enrolled.device_id = id;
  EXPECT_EQ(shown(world.From()), "");
  EXPECT_EQ(shown(enrolled), "Desk <b>12</b>");
  ASSERT_TRUE(devices.Delete(id));
  EXPECT_EQ(shown(enrolled), "");
}

TEST_F(Approvals, SecondGateBehindMailEndsInAPassword) {
  const TestPhone phone = NewPhone("alice");
  const auto started = world.engine().Start(world.From(), world.For("alice", kWithPush));
  ASSERT_NE(Value(started), nullptr);
  const auto mail = world.OpenNext(Value(started)->continuation_token, MethodKind::kEmailCode);
  ASSERT_NE(Value(mail), nullptr);
  const auto first =
      world.engine().Continue(world.From(), Value(mail)->continuation_token, MethodKind::kEmailCode,
                              Hidden(world.LastCode("alice@example.org")));
  ASSERT_EQ(Outcome(first), "second_gate_required");
  const auto asked = world.OpenNext(RefusalIn(first)->continuation_token, MethodKind::kApproval);
  ASSERT_NE(Value(asked), nullptr) << Outcome(asked);
  EXPECT_EQ(
      Say(Signed(phone, Waiting(phone)[0].id, PhoneAnswer::kApprove, Value(asked)->display_code)),
      "taken");
  const auto passed = world.engine().PollApproval(world.From(), Value(asked)->continuation_token);
  ASSERT_NE(Value(passed), nullptr) << Outcome(passed);
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), Value(passed)->continuation_token,
                                          Hidden(kNewPassword), "")),
            "ok");
  EXPECT_TRUE(world.CanSignIn("alice", kNewPassword));
}

TEST_F(Approvals, OneWrongNumberEndsTheRequest) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  const std::string id = Waiting(phone)[0].id;
  const std::string right = Value(asked)->display_code;
  const std::string wrong = right == "000000" ? "000001" : "000000";
  EXPECT_EQ(Say(Signed(phone, id, PhoneAnswer::kApprove, wrong)), "wrong number");
  EXPECT_EQ(Say(Signed(phone, id, PhoneAnswer::kApprove, right)), "nothing waits");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "approval_denied");
}

TEST_F(Approvals, ApprovalWithoutNumberIsWrong) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  EXPECT_EQ(Say(Signed(phone, Waiting(phone)[0].id, PhoneAnswer::kApprove)), "wrong number");
}

TEST_F(Approvals, AnswerMustBeSignedByThatPhoneForThatRequest) {
  const TestPhone phone = NewPhone("alice");
  world.AddUser("bob");
  const TestPhone bobs = NewPhone("bob");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  const std::string id = Waiting(phone)[0].id;
  const std::string number = Value(asked)->display_code;
  AnswerRequest forged = Signed(phone, id, PhoneAnswer::kApprove, number);
  forged.signature = *NewKey().Sign(AnswerText(kBase, forged));
  EXPECT_EQ(Say(forged), "denied");
  AnswerRequest turned = Signed(phone, id, PhoneAnswer::kDeny);
  turned.answer = PhoneAnswer::kApprove;
  turned.number = number;
  EXPECT_EQ(Say(turned), "denied");
  EXPECT_EQ(Say(Signed(bobs, id, PhoneAnswer::kApprove, number)), "nothing waits");
  AnswerRequest borrowed = Signed(bobs, id, PhoneAnswer::kApprove, number);
  borrowed.device_id = phone.id;
  EXPECT_EQ(Say(borrowed), "denied");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "authorization_pending");
}

TEST_F(Approvals, AnswerIsGoodOnce) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  const AnswerRequest answer =
      Signed(phone, Waiting(phone)[0].id, PhoneAnswer::kApprove, Value(asked)->display_code);
  EXPECT_EQ(Say(answer), "taken");
  EXPECT_EQ(Say(answer), "nothing waits");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "second_gate_required");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "invalid_request");
  EXPECT_EQ(Say(answer), "nothing waits");
}

TEST_F(Approvals, NumberOfAnotherRequestIsWrong) {
  const TestPhone phone = NewPhone("alice");
  const std::string token = Start("alice");
  const auto first = world.OpenNext(token, MethodKind::kApproval);
  const auto second = world.OpenNext(token, MethodKind::kApproval);
  ASSERT_NE(Value(second), nullptr) << Outcome(second);
  const auto waiting = Waiting(phone);
  ASSERT_EQ(waiting.size(), 1u);  // the first was withdrawn
  if (Value(first)->display_code == Value(second)->display_code) GTEST_SKIP();
  EXPECT_EQ(Say(Signed(phone, waiting[0].id, PhoneAnswer::kApprove, Value(first)->display_code)),
            "wrong number");
}

TEST_F(Approvals, OneIsOutstandingWhoeverAsks) {
  const TestPhone phone = NewPhone("alice");
  ASSERT_NE(Value(Ask("alice")), nullptr);
  const auto second = Ask("alice");
  ASSERT_EQ(Outcome(second), "too_many_attempts");
  EXPECT_EQ(RefusalIn(second)->retry_after_seconds, 120);
  EXPECT_EQ(Waiting(phone).size(), 1u);
  world.clock().Advance(121);
  EXPECT_NE(Value(Ask("alice")), nullptr);
}

TEST_F(Approvals, ThreeInAQuarterOfAnHourThenNoneForAnHour) {
  const TestPhone phone = NewPhone("alice");
  for (int i = 0; i < 3; ++i) {
    const auto asked = Ask("alice");
    ASSERT_NE(Value(asked), nullptr) << i << Outcome(asked);
    EXPECT_EQ(Say(Signed(phone, Waiting(phone)[0].id, PhoneAnswer::kDeny)), "taken");
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Outcome(Ask("alice")), "too_many_attempts");
  world.clock().Advance(20 * 60);
  EXPECT_EQ(Outcome(Ask("alice")), "too_many_attempts");
  world.clock().Advance(41 * 60);
  EXPECT_EQ(Outcome(Ask("alice")), "ok");
}

TEST_F(Approvals, RequestIsOverAfterTwoMinutes) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  const std::string id = Waiting(phone)[0].id;
  world.clock().Advance(120);
  EXPECT_TRUE(Waiting(phone).empty());
  EXPECT_EQ(Say(Signed(phone, id, PhoneAnswer::kApprove, Value(asked)->display_code)),
            "nothing waits");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "approval_expired");
}

TEST_F(Approvals, PollingTooFastIsSlowedDown) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "authorization_pending");
  EXPECT_EQ(Outcome(world.engine().PollApproval(world.From(), Value(asked)->continuation_token)),
            "slow_down");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "authorization_pending");
}

TEST_F(Approvals, ReportStopsResetsAndTellsPeople) {
  world.AddUser("root");
  world.SetPolicy("administrators.groups", "admins");
  UserRecord root = *world.foundation().store->FindUser("root");
  root.groups = {"admins"};
  ASSERT_TRUE(world.foundation().store->UpdateProfile(root));
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  EXPECT_EQ(Say(Signed(phone, Waiting(phone)[0].id, PhoneAnswer::kReport)), "taken");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "approval_reported");

  bool told_alice = false;
  bool told_root = false;
  for (const SentMail& mail : world.Mails()) {
    told_alice = told_alice || (mail.to == "alice@example.org" &&
                                mail.subject == "You reported a password reset");
    told_root = told_root || (mail.to == "root@example.org" &&
                              mail.text.find("alice reported") != std::string::npos &&
                              mail.text.find("192.0.2.7") != std::string::npos);
  }
  EXPECT_TRUE(told_alice);
  EXPECT_TRUE(told_root);

  const std::string token = world.OpenEmail("alice");
  EXPECT_EQ(world.LastCode("alice@example.org"), "");  // nothing is sent while it is stopped
  EXPECT_NE(token, "");
  world.clock().Advance(25 * 3600);
  world.OpenEmail("alice");
  EXPECT_NE(world.LastCode("alice@example.org"), "");
}

TEST_F(Approvals, IsOfferedAsOneOfTwoProofsOnly) {
  const TestPhone phone = NewPhone("alice");
  world.SetPolicy("required_gates", "1");
  const auto started = world.engine().Start(world.From(), world.For("alice", kWithPush));
  ASSERT_NE(Value(started), nullptr);
  for (const MethodOffer& offer : Value(started)->gates.methods) {
    EXPECT_NE(offer.kind, MethodKind::kApproval);
  }
}

TEST_F(Approvals, IsNotOfferedToAClientThatCannotShowIt) {
  const TestPhone phone = NewPhone("alice");
  for (const MethodOffer& offer : world.Offered("alice").methods) {
    EXPECT_NE(offer.kind, MethodKind::kApproval);
  }
}

TEST_F(Approvals, RemovedPhoneApprovesNothing) {
  const TestPhone phone = NewPhone("alice");
  const auto asked = Ask("alice");
  ASSERT_NE(Value(asked), nullptr);
  const std::string id = Waiting(phone)[0].id;
  ASSERT_TRUE(world.foundation().store->DeleteMethod(IdOf("alice"), phone.id));
  EXPECT_EQ(Say(Signed(phone, id, PhoneAnswer::kApprove, Value(asked)->display_code)), "denied");
  EXPECT_EQ(Poll(Value(asked)->continuation_token), "authorization_pending");
}

TEST_F(Approvals, NobodyIsAskedInTheSameWay) {
  const TestPhone phone = NewPhone("alice");
  for (int i = 0; i < 20; ++i) {
    const std::string name = "nobody-" + std::to_string(i);
    const auto asked = Ask(name);
    if (Value(asked) == nullptr) continue;  // not offered to this name
    EXPECT_EQ(Value(asked)->display_code.size(), 6u);
    EXPECT_EQ(Value(asked)->target_label, "Approval on your phone");
    EXPECT_EQ(Poll(Value(asked)->continuation_token), "authorization_pending");
    EXPECT_EQ(Outcome(Ask(name)), "too_many_attempts");
    world.clock().Advance(120);
    EXPECT_EQ(Poll(Value(asked)->continuation_token), "approval_expired");
    return;
  }
  FAIL() << "no name of nobody's was offered an approval";
}

TEST_F(Approvals, EnrolmentCodeIsGoodOnceAndForTenMinutes) {
  const auto offered = desk->Offer(IdOf("alice"));
  ASSERT_TRUE(offered.ok());
  const std::string code(offered->code.Reveal());
  TestPhone first(NewKey());
  TestPhone second(NewKey());
  EXPECT_TRUE(Enrol(first, code).ok());
  EXPECT_FALSE(Enrol(second, code).ok());
  const auto late = desk->Offer(IdOf("alice"));
  world.clock().Advance(10 * 60);
  EXPECT_FALSE(Enrol(second, std::string(late->code.Reveal())).ok());
  EXPECT_FALSE(Enrol(second, "AAAAAAAAAAAAAAAAAAAAAAAAAA").ok());
}

TEST_F(Approvals, EnrolmentNeedsTheKeyItself) {
  const auto offered = desk->Offer(IdOf("alice"));
  ASSERT_TRUE(offered.ok());
  const std::string code(offered->code.Reveal());
  const P256Key mine = NewKey();
  const P256Key others = NewKey();
  EXPECT_FALSE(
      desk->Enrol(world.From(), {.code = code,
                                 .name = "phone",
                                 .public_key = others.point(),
                                 .signature = *mine.Sign(EnrolText(kBase, code, others.point()))})
          .ok());
}

TEST_F(Approvals, PhonesClockMustBeRight) {
  const TestPhone phone = NewPhone("alice");
  PhoneProof proof{.device_id = phone.id, .at = world.clock().Now() - 600, .signature = {}};
  proof.signature = *phone.key.Sign(ListText(kBase, proof));
  const auto list = desk->List(proof);
  ASSERT_FALSE(list.ok());
  EXPECT_EQ(list.error().code, Errc::kExpired);
}

}  // namespace
}  // namespace sspr::service
