// SPDX-License-Identifier: Apache-2.0
// What a person does with the methods at the portal.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "service/engine/account_service.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class AccountTest : public ::testing::Test {
 protected:
  AccountTest() {
    world_.AddUser("alice");
    EXPECT_TRUE(
        world_.admin()
            .AddUser(
                {.username = "bob", .display_name = "Bob", .local_account = {}, .language = "en"})
            .ok());
    EXPECT_TRUE(world_.admin().SetPassword("bob", Hidden(kOldPassword)).ok());
    world_.SetPolicy("methods.sms", "on");
    accounts_.emplace(world_.foundation().Parts(), "Test");
    alice_ = Who("alice");
    bob_ = {.caller = world_.From(), .user_id = IdOf("bob")};
  }

  std::string IdOf(const std::string& username) {
    return world_.foundation().store->FindUser(username)->id;
  }
  AccountCaller Who(const std::string& name) {
    return {.caller = world_.From(), .user_id = IdOf(name)};
  }
  AccountView Show(const AccountCaller& who) { return std::get<AccountView>(accounts_->Show(who)); }
  std::vector<std::string> Told(std::size_t from) {
    std::vector<std::string> told;
    const std::vector<SentMail> mails = world_.Mails();
    for (std::size_t i = from; i < mails.size(); ++i) {
      if (mails[i].text.find("how you prove who you are") != std::string::npos) {
        told.push_back(mails[i].to);
      }
    }
    std::ranges::sort(told);
    return told;
  }
  // The code of the last mail that confirms this address.
  std::string ConfirmationCode(const std::string& address) {
    const std::vector<SentMail> mails = world_.Mails();
    for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
      if (mail->to != address || mail->subject != "Confirm your address") continue;
      const std::size_t digits = mail->text.find_first_of("0123456789");
      return mail->text.substr(digits, 6);
    }
    return {};
  }
  template <typename T>
  static std::optional<AccountFault> FaultOf(const AccountReply<T>& reply) {
    const auto* const refusal = std::get_if<AccountRefusal>(&reply);
    return refusal == nullptr ? std::nullopt : std::optional(refusal->fault);
  }
  std::string AddEmail(const AccountCaller& who, const std::string& address) {
    const auto pending =
        std::get<PendingCode>(accounts_->BeginAddress(who, MethodKind::kEmailCode, address));
    const auto added = accounts_->Confirm(who, pending, Hidden(ConfirmationCode(address)));
    return std::get<AccountMethod>(added).id;
  }
  // The secret of the app in its pending enrolment, as the app has it.
  std::string AppSecretOf(const PendingCode& pending) {
    const auto opened = world_.foundation().keys.Open(pending.sealed_secret, pending.id);
    return std::string(opened->Reveal());
  }

  EngineWorld world_;
  std::optional<AccountService> accounts_;
  AccountCaller alice_, bob_;
};

TEST_F(AccountTest, AnAddressIsAMethodOnlyBehindItsCode) {
  const auto begun = accounts_->BeginAddress(bob_, MethodKind::kEmailCode, "bob@mail.example.net");
  const auto& pending = std::get<PendingCode>(begun);
  EXPECT_TRUE(Show(bob_).methods.empty());
  const std::string code = ConfirmationCode("bob@mail.example.net");
  ASSERT_EQ(code.size(), 6U);
  EXPECT_EQ(pending.code_digest.find(code), std::string::npos);
  const std::string wrong = code == "000000" ? "111111" : "000000";
  EXPECT_EQ(FaultOf(accounts_->Confirm(bob_, pending, Hidden(wrong))), AccountFault::kWrongCode);
  EXPECT_TRUE(Show(bob_).methods.empty());
  EXPECT_FALSE(FaultOf(accounts_->Confirm(bob_, pending, Hidden(code))));
  ASSERT_EQ(Show(bob_).methods.size(), 1U);
  EXPECT_EQ(Show(bob_).methods[0].label, "bob@mail.example.net");
  EXPECT_EQ(FaultOf(accounts_->Confirm(bob_, pending, Hidden(code))), AccountFault::kExpired);
  EXPECT_EQ(Show(bob_).methods.size(), 1U);
}

TEST_F(AccountTest, ACodeIsOfOneEnrolmentOfOnePerson) {
  const auto first = std::get<PendingCode>(
      accounts_->BeginAddress(bob_, MethodKind::kEmailCode, "bob@mail.example.net"));
  const std::string code = ConfirmationCode("bob@mail.example.net");
  PendingCode other = first;
  other.target = "eve@mail.example.net";
  EXPECT_EQ(FaultOf(accounts_->Confirm(bob_, other, Hidden(code))), AccountFault::kWrongCode);
  world_.clock().Advance(301);
  EXPECT_EQ(FaultOf(accounts_->Confirm(bob_, first, Hidden(code))), AccountFault::kExpired);
}

TEST_F(AccountTest, TriesOfACodeAreCountedBeforeTheyAreCompared) {
  const auto pending = std::get<PendingCode>(
      accounts_->BeginAddress(bob_, MethodKind::kEmailCode, "bob@mail.example.net"));
  const std::string code = ConfirmationCode("bob@mail.example.net");
  ASSERT_EQ(code.size(), 6U);
  const std::string wrong = code == "000000" ? "111111" : "000000";
  std::atomic<int> evaluated = 0;
  std::vector<std::thread> guessers;
  for (int i = 0; i < 8; ++i) {
    guessers.emplace_back([&] {
      for (int j = 0; j < 4; ++j) {
        const auto fault = FaultOf(accounts_->Confirm(bob_, pending, Hidden(wrong)));
        if (fault == AccountFault::kWrongCode) ++evaluated;
      }
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_LE(evaluated, 5);
  EXPECT_EQ(FaultOf(accounts_->Confirm(bob_, pending, Hidden(code))), AccountFault::kExpired);
}

TEST_F(AccountTest, TheFirstMethodCoolsBeforeItServesForAReset) {
  AddEmail(bob_, "bob@mail.example.net");
  const AccountView fresh = Show(bob_);
  EXPECT_FALSE(fresh.is_registered);
  EXPECT_TRUE(fresh.will_be_registered);
  EXPECT_EQ(fresh.methods[0].usable_from, world_.clock().Now() + 24 * 3600);
  world_.clock().Advance(24 * 3600 + 1);
  EXPECT_TRUE(Show(bob_).is_registered);
  // With one that serves, the next one serves at once.
  AddEmail(bob_, "second@mail.example.net");
  EXPECT_EQ(Show(bob_).methods[1].usable_from, 0);
}

TEST_F(AccountTest, EveryChangeIsToldToAllAddressesThoseTakenAwayToo) {
  std::size_t from = world_.Mails().size();
  const std::string added = AddEmail(alice_, "alice@mail.example.net");
  EXPECT_EQ(Told(from), (std::vector<std::string>{"alice@example.org", "alice@mail.example.net"}));
  from = world_.Mails().size();
  EXPECT_FALSE(FaultOf(accounts_->Remove(alice_, added)));
  EXPECT_EQ(Told(from), (std::vector<std::string>{"alice@example.org", "alice@mail.example.net"}));
  from = world_.Mails().size();
  EXPECT_FALSE(FaultOf(accounts_->MakeRecoveryCodes(alice_)));
  EXPECT_EQ(Told(from), (std::vector<std::string>{"alice@example.org"}));
  const std::string audit = world_.AuditText();
  for (const char* const event : {"method.add", "method.remove"}) {
    EXPECT_NE(audit.find(event), std::string::npos) << event;
  }
  EXPECT_EQ(audit.find("mail.example.net"), std::string::npos);
}

TEST_F(AccountTest, TheOldAppWorksUntilTheNewOneIsConfirmed) {
  world_.AddApp("alice");
  const std::string old_id = Show(alice_).methods.back().id;
  const auto begun = std::get<PendingApp>(accounts_->BeginApp(alice_));
  EXPECT_TRUE(begun.replaces);
  const auto shown = accounts_->ShowApp(alice_, begun.pending);
  EXPECT_NE(std::get<AppSecret>(shown).otpauth_uri.Reveal().find("otpauth://totp/"),
            std::string_view::npos);
  EXPECT_EQ(Show(alice_).methods.back().id, old_id);
  EXPECT_EQ(FaultOf(accounts_->Confirm(alice_, begun.pending, Hidden("000000x"))),
            AccountFault::kWrongCode);
  EXPECT_EQ(Show(alice_).methods.back().id, old_id);
  const std::string code = AppCodeAt(AppSecretOf(begun.pending), world_.clock().Now());
  EXPECT_FALSE(FaultOf(accounts_->Confirm(alice_, begun.pending, Hidden(code))));
  const AccountView view = Show(alice_);
  EXPECT_EQ(view.methods.size(), 2U);
  EXPECT_NE(view.methods.back().id, old_id);
  // The code that registered it is used up.
  const auto test = std::get<PendingCode>(accounts_->BeginTest(alice_, view.methods.back().id));
  EXPECT_EQ(FaultOf(accounts_->Confirm(alice_, test, Hidden(code))), AccountFault::kWrongCode);
}

TEST_F(AccountTest, MethodsOfOthersAreNotThere) {
  const std::string id = Show(alice_).methods[0].id;
  EXPECT_EQ(FaultOf(accounts_->Remove(bob_, id)), AccountFault::kNoSuchMethod);
  EXPECT_EQ(FaultOf(accounts_->Prefer(bob_, id)), AccountFault::kNoSuchMethod);
  EXPECT_EQ(FaultOf(accounts_->BeginTest(bob_, id)), AccountFault::kNoSuchMethod);
  EXPECT_EQ(FaultOf(accounts_->Remove(bob_, "")), AccountFault::kNoSuchMethod);
  EXPECT_EQ(FaultOf(accounts_->RemoveAll(bob_, MethodKind::kEmailCode)),
            AccountFault::kNoSuchMethod);
  EXPECT_EQ(Show(alice_).methods.size(), 1U);
}

TEST_F(AccountTest, OnlyWhatThePolicyHasMayBeRegistered) {
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kVoiceCode, "+49301234567")),
            AccountFault::kNotAllowed);
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kSmsCode, "1234")),
            AccountFault::kBadNumber);
  world_.SetPolicy("phone.countries", "+49");
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kSmsCode, "+15551234567")),
            AccountFault::kCountryNotAllowed);
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kEmailCode, "a@b\r\nBcc: c@d")),
            AccountFault::kBadAddress);
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(alice_, MethodKind::kEmailCode, "alice@example.org")),
            AccountFault::kAlreadyThere);
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kQuestions, "x")),
            AccountFault::kNotAllowed);
  EXPECT_EQ(FaultOf(accounts_->SetQuestions(bob_, {})), AccountFault::kNotAllowed);
}

TEST_F(AccountTest, CodesAreSentNoMoreOftenThanThePolicySays) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kEmailCode,
                                                 std::to_string(i) + "@mail.example.net")));
  }
  EXPECT_EQ(FaultOf(accounts_->BeginAddress(bob_, MethodKind::kEmailCode, "x@mail.example.net")),
            AccountFault::kLimited);
}

TEST_F(AccountTest, QuestionsAreCheckedOneByOne) {
  world_.SetPolicy("methods.questions", "on");
  const auto set = [&](std::vector<std::pair<std::string, std::string>> entries) {
    std::vector<QuestionAndAnswer> questions;
    for (const auto& [question, answer] : entries) {
      questions.push_back({.question = question, .answer = Hidden(answer)});
    }
    return accounts_->SetQuestions(alice_, questions);
  };
  using Entries = std::vector<std::pair<std::string, std::string>>;
  Entries good = {{"one?", "blue"},
                  {"two?", "green"},
                  {"three?", "red"},
                  {"four?", "white"},
                  {"five?", "black"}};
  EXPECT_EQ(FaultOf(set({{"one?", "blue"}})), AccountFault::kBadQuestion);
  Entries same = good;
  same[4].first = "one?";
  EXPECT_EQ(std::get<AccountRefusal>(set(same)).number, 5);
  same = good;
  same[3].second = "  BLUE ";
  EXPECT_EQ(FaultOf(set(same)), AccountFault::kSameAnswer);
  same[3].second = "x";
  EXPECT_EQ(FaultOf(set(same)), AccountFault::kBadAnswer);
  EXPECT_EQ(Show(alice_).questions, 0);
  EXPECT_FALSE(FaultOf(set(good)));
  EXPECT_EQ(Show(alice_).questions, 5);
}

TEST_F(AccountTest, AsksAfterSomeTimeWhetherAllIsStillRight) {
  EXPECT_FALSE(Show(alice_).confirm_due);
  world_.clock().Advance(181 * 24 * 3600);
  EXPECT_TRUE(Show(alice_).confirm_due);
  EXPECT_FALSE(FaultOf(accounts_->ConfirmAll(alice_)));
  EXPECT_FALSE(Show(alice_).confirm_due);
}

TEST_F(AccountTest, AskedFirstIsWhatThePersonPrefers) {
  world_.AddApp("alice");
  const AccountView view = Show(alice_);
  EXPECT_TRUE(view.methods[0].is_default);
  EXPECT_FALSE(FaultOf(accounts_->Prefer(alice_, view.methods[1].id)));
  EXPECT_FALSE(Show(alice_).methods[0].is_default);
  EXPECT_TRUE(Show(alice_).methods[1].is_default);
  const GateState offered = world_.Offered("alice");
  const auto first = std::ranges::find(offered.methods, true, &MethodOffer::is_default);
  ASSERT_NE(first, offered.methods.end());
  EXPECT_EQ(first->id, view.methods[1].id);
}

TEST_F(AccountTest, WhoIsSwitchedOffChangesNothing) {
  EXPECT_TRUE(world_.admin().SetEnabled("alice", false).ok());
  EXPECT_EQ(FaultOf(accounts_->Show(alice_)), AccountFault::kGone);
  EXPECT_EQ(FaultOf(accounts_->MakeRecoveryCodes(alice_)), AccountFault::kGone);
}

// The portal's sign-in asks for whatever the person has, though the policy asks for a password.
TEST_F(AccountTest, SignInAtFullStrengthAsksForTheSecondProofThatThereIs) {
  Capabilities portal = kEveryMethod;
  portal.mfa = true;
  portal.full_strength = true;
  const auto sign_in = [&](const std::string& name) {
    const Caller caller = world_.From();
    const auto begun = world_.engine().SignInInitiate(caller, name, portal);
    const auto opened = world_.engine().SignInChallenge(caller, Value(begun)->continuation_token);
    return world_.engine().SignInWithPassword(caller, Value(opened)->continuation_token,
                                              Hidden(kOldPassword));
  };
  EXPECT_EQ(RefusalIn(sign_in("alice"))->code, RefusalCode::kMfaRequired);
  EXPECT_NE(Value(sign_in("bob")), nullptr) << "who has nothing registers at the portal";
  AddEmail(bob_, "bob@mail.example.net");
  EXPECT_EQ(RefusalIn(sign_in("bob"))->code, RefusalCode::kMfaRequired);
  EXPECT_TRUE(world_.CanSignIn("alice", kOldPassword)) << "other clients: as the policy says";
}

}  // namespace
}  // namespace sspr::service
