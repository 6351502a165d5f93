// SPDX-License-Identifier: Apache-2.0
// No step of a flow can be skipped, repeated or crossed: every call with a token of every state,
// and long random walks against a model of the table.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "service/engine/flow_table.h"
#include "service/engine/reset_engine.h"
#include "tests/fakes/fake_directory.h"
#include "tests/fakes/memory_store.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

bool IsStepRefusal(const std::string& outcome) {
  return outcome == "invalid_request" || outcome == "expired_token" || outcome == "invalid_token";
}

// The engine on the fakes: fast enough for thousands of flows.
class StepsTest : public testing::Test {
 protected:
  StepsTest()
      : keys(MakeKeys()),
        database(OpenDatabase()),
        audit(folder.File("audit.jsonl"), *database, keys, random, clock),
        engine(Parts()) {
    store.PutClient({.client_id = "c", .concealment = true});
    AddPerson("alice");
    AddPerson("bob");
  }

  ServiceKeys MakeKeys() {
    (void)ServiceKeys::Create(folder.File("key"), random);
    Result<ServiceKeys> loaded = ServiceKeys::Load(folder.File("key"));
    return std::move(*loaded);
  }
  // Of the audit alone.
  std::shared_ptr<SqlDatabase> OpenDatabase() {
    Result<std::unique_ptr<SqlDatabase>> opened = SqlDatabase::Open(folder.File("audit.db"), 1);
    return std::move(*opened);
  }
  EngineParts Parts() {
    return {.store = store,
            .directory = directory,
            .audit = audit,
            .hasher = hasher,
            .keys = keys,
            .random = random,
            .clock = clock,
            .deliver =
                [this](Delivery delivery) {
                  last_mail = std::string(delivery.message.text.Reveal());
                  return true;
                },
            .log = [](std::string_view) {}};
  }
  void AddPerson(const std::string& name) {
    store.InsertUser({.id = "id-" + name,
                      .username = name,
                      .display_name = {},
                      .local_account = name,
                      .language = "en",
                      .password_hash = {}});
    directory.Add({.id = "id-" + name,
                   .username = name,
                   .display_name = {},
                   .local_account = name,
                   .language = "en"},
                  "the old password of " + name);
    store.InsertMethod({.id = "mail-" + name,
                        .user_id = "id-" + name,
                        .kind = MethodKind::kEmailCode,
                        .address = name + "@example.org",
                        .sealed_secret = {}});
    store.InsertMethod(
        {.id = "app-" + name,
         .user_id = "id-" + name,
         .kind = MethodKind::kAuthenticatorCode,
         .address = {},
         .sealed_secret = keys.Seal(random, std::string(20, name[0]), "app-" + name)});
  }

  Caller caller(const std::string& client = "c") {
    return {.client_id = client, .address = "192.0.2.1", .correlation_id = "x"};
  }
  std::string MailedCode() {
    std::string digits;
    for (const char c : last_mail) {
      if (c >= '0' && c <= '9') {
        digits.push_back(c);
      } else if (digits.size() >= 6) {
        return digits;
      } else {
        digits.clear();
      }
    }
    return digits;
  }
  std::string AppCode(const std::string& name) {
    return AppCodeAt(std::string(20, name[0]), clock.Now());
  }
  void ForgetLimits() {
    for (const char* name : {"alice", "bob"}) {
      const std::string subject = SubjectOf(keys, name, std::string(name));
      store.ClearBuckets(
          {"try:email:" + subject, "try:authenticator:" + subject, "sent:email:" + subject});
    }
  }
  std::string Start(const std::string& name) {
    const auto reply = engine.Start(
        caller(), {.username = name, .capabilities = kExtended, .local_set = {}, .resume_key = {}});
    return Value(reply)->continuation_token;
  }
  std::string Challenge(const std::string& token, const std::string& method) {
    return Value(engine.Challenge(caller(), token, method))->continuation_token;
  }
  // The token for a password of alice.
  std::string Prove() {
    const std::string code = Challenge(Start("alice"), "mail-alice");
    const auto passed =
        engine.Continue(caller(), code, MethodKind::kEmailCode, Hidden(MailedCode()));
    return Value(passed)->continuation_token;
  }
  std::string Password() { return "a new password, number " + std::to_string(++passwords); }

  // Makes the call as well as it can be made with that token; its outcome.
  std::string Make(Call call, const std::string& token, const Caller& who) {
    switch (call) {
      case Call::kIntrospect:
        return Outcome(engine.Introspect(who, token));
      case Call::kChallenge:
        return Outcome(engine.Challenge(who, token, ""));
      case Call::kContinue: {
        const std::string email =
            Outcome(engine.Continue(who, token, MethodKind::kEmailCode, Hidden(MailedCode())));
        if (!IsStepRefusal(email)) return email;
        return Outcome(
            engine.Continue(who, token, MethodKind::kAuthenticatorCode, Hidden(MailedCode())));
      }
      case Call::kHandOff:
        return Outcome(engine.HandOff(who, token));
      case Call::kPolicy:
        return Outcome(engine.Policy(who, token));
      case Call::kSubmit:
        return Outcome(engine.Submit(who, token, Hidden(Password()), ""));
      case Call::kUnlock:
        return Outcome(engine.Unlock(who, token));
      case Call::kPoll:
        return Outcome(engine.Poll(who, token));
      case Call::kFactorIntrospect:
        return Outcome(engine.SecondFactorMethods(who, token));
      case Call::kFactorChallenge:
        return Outcome(engine.SecondFactorChallenge(who, token, ""));
      case Call::kFactorProve:
        return Outcome(
            engine.SignInWithSecondFactor(who, token, MethodKind::kEmailCode, Hidden("000000")));
      case Call::kRegisterIntrospect:
        return Outcome(engine.Registrable(who, token));
      case Call::kRegisterChallenge:
        return Outcome(engine.RegistrationChallenge(who, token, MethodKind::kEmailCode, "a@b.org"));
      case Call::kRegisterProve:
        return Outcome(engine.Register(who, token, Hidden("000000")));
      case Call::kSignInChallenge:
        return Outcome(engine.SignInChallenge(who, token));
      case Call::kSignInPassword:
        return Outcome(engine.SignInWithPassword(who, token, Hidden("wrong")));
      case Call::kSignInContinuation:
        return Outcome(engine.SignInWithContinuation(who, token, ""));
    }
    return {};
  }

  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  MemoryStore store;
  FakeDirectory directory;
  ServiceKeys keys;
  std::shared_ptr<SqlDatabase> database;
  AuditLog audit;
  PasswordHasher hasher{random, 2};
  std::string last_mail;
  int passwords = 0;
  ResetEngine engine;
};

TEST_F(StepsTest, EveryCallWithATokenOfEveryState) {
  using Tokens = std::map<std::string, std::string>;
  // One whole journey with two gates; all tokens that it gave out, by where they came from.
  const auto journey = [this](const std::string& until) {
    ForgetLimits();
    clock.Advance(120);
    store.PutSetting("required_gates", "2");
    Tokens tokens;
    tokens["start"] = Start("alice");
    if (until == "start") return tokens;
    tokens["code"] = Challenge(tokens["start"], "mail-alice");
    if (until == "code") return tokens;
    const auto first =
        engine.Continue(caller(), tokens["code"], MethodKind::kEmailCode, Hidden(MailedCode()));
    tokens["second start"] = RefusalIn(first)->continuation_token;
    if (until == "second start") return tokens;
    tokens["second code"] = Challenge(tokens["second start"], "");
    if (until == "second code") return tokens;
    const auto second = engine.Continue(caller(), tokens["second code"],
                                        MethodKind::kAuthenticatorCode, Hidden(AppCode("alice")));
    tokens["password"] = Value(second)->continuation_token;
    if (until == "password") return tokens;
    const auto submitted = engine.Submit(caller(), tokens["password"], Hidden(Password()), "");
    tokens["poll"] = Value(submitted)->continuation_token;
    if (until == "poll") return tokens;
    tokens["finished"] = Value(engine.Poll(caller(), tokens["poll"]))->continuation_token;
    if (until == "finished") return tokens;
    (void)engine.SignInWithContinuation(caller(), tokens["finished"], "alice");
    return tokens;
  };
  const auto sign_in = [this](const std::string& until) {
    store.ClearSignIn(SubjectOf(keys, "alice", std::string("alice")));
    Tokens tokens;
    tokens["sign-in"] = Value(engine.SignInInitiate(caller(), "alice", {}))->continuation_token;
    if (until == "sign-in") return tokens;
    tokens["sign-in password"] =
        Value(engine.SignInChallenge(caller(), tokens["sign-in"]))->continuation_token;
    return tokens;
  };
  using Legal = std::set<Call>;
  const Legal methods = {Call::kIntrospect, Call::kChallenge, Call::kHandOff, Call::kPolicy};
  const Legal code = {Call::kIntrospect, Call::kChallenge, Call::kContinue, Call::kHandOff,
                      Call::kPolicy};
  const Legal none;
  // For each point of a journey, what each token that exists by then may still do.
  const std::map<std::string, std::map<std::string, Legal>> expected = {
      {"start", {{"start", methods}}},
      {"code", {{"start", methods}, {"code", code}}},
      {"second start", {{"start", none}, {"code", none}, {"second start", methods}}},
      {"second code",
       {{"start", none}, {"code", none}, {"second start", methods}, {"second code", code}}},
      {"password",
       {{"start", none},
        {"code", none},
        {"second start", none},
        {"second code", none},
        {"password", {Call::kSubmit, Call::kPolicy}}}},
      {"poll",
       {{"start", none},
        {"code", none},
        {"second code", none},
        {"password", none},
        {"poll", {Call::kPoll}}}},
      {"finished",
       {{"code", none},
        {"password", none},
        {"poll", {Call::kPoll}},
        {"finished", {Call::kSignInContinuation}}}},
      {"over", {{"code", none}, {"password", none}, {"poll", none}, {"finished", none}}},
      {"sign-in", {{"sign-in", {Call::kSignInChallenge}}}},
      {"sign-in password",
       {{"sign-in", {Call::kSignInChallenge}},
        {"sign-in password", {Call::kSignInChallenge, Call::kSignInPassword}}}},
  };
  int calls = 0;
  for (const auto& [point, tokens] : expected) {
    for (const auto& [token, legal] : tokens) {
      for (const Call call : kAllCalls) {
        Tokens have = point.starts_with("sign-in") ? sign_in(point) : journey(point);
        const std::string foreign = Make(call, have.at(token), caller("other"));
        EXPECT_EQ(foreign, "invalid_token") << "a token of another client";
        const std::string outcome = Make(call, have.at(token), caller());
        EXPECT_EQ(IsStepRefusal(outcome), !legal.contains(call))
            << "at '" << point << "', token '" << token << "', call " << static_cast<int>(call)
            << ": " << outcome;
        ++calls;
      }
    }
  }
  EXPECT_GT(calls, 250);
}

TEST_F(StepsTest, TokensAreComparedBytewise_AndWhole) {
  const std::string token = Start("alice");
  std::string upper = token;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& wrong :
       {upper, token.substr(1), token + "0", token + " ", "0x" + token, std::string(),
        std::string(64, '0'), std::string(100000, 'a'), token.substr(0, 63) + std::string(1, 0)}) {
    for (const Call call : kAllCalls) {
      if (call == Call::kPolicy && wrong.empty()) continue;  // asks for the default policy
      EXPECT_EQ(Make(call, wrong, caller()), "invalid_token") << wrong.substr(0, 80);
    }
  }
}

TEST_F(StepsTest, TokenNamesItsUser_NothingElseDoes) {
  const std::string of_alice = Start("alice");
  EXPECT_EQ(Outcome(engine.Challenge(caller(), of_alice, "mail-bob")), "invalid_request");
  const std::string code = Challenge(of_alice, "mail-alice");
  const auto passed = engine.Continue(caller(), code, MethodKind::kEmailCode, Hidden(MailedCode()));
  const auto done =
      engine.Submit(caller(), Value(passed)->continuation_token, Hidden(Password()), "");
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_TRUE(*directory.Verify("id-bob", Hidden("the old password of bob")));
  EXPECT_FALSE(*directory.Verify("id-alice", Hidden("the old password of alice")));
}

// Random calls with random tokens. A password may be set only when, by the model, the same flow had
// its gate passed with the right code and was not used up.
TEST_F(StepsTest, RandomWalks_SetAPasswordOnlyAfterTheGate) {
  struct Known {
    std::string text;
    int flow;
    bool proved;  // came from a /continue that succeeded
  };
  std::uint64_t seed = 20260101;
  const auto dice = [&seed](std::uint64_t sides) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % sides;
  };
  int submitted = 0;
#ifdef NDEBUG
  constexpr int kWalks = 1700;  // 100,000 steps
#else
  constexpr int kWalks = 120;  // under the sanitizers
#endif
  for (int walk = 0; walk < kWalks; ++walk) {
    ForgetLimits();
    clock.Advance(1000);  // every flow of the last walk is over
    std::vector<Known> tokens;
    std::map<int, std::string> codes;
    int flows = 0;
    for (int step = 0; step < 60; ++step) {
      if (tokens.empty() || dice(8) == 0) {
        ForgetLimits();
        tokens.push_back({Start(dice(2) == 0 ? "alice" : "bob"), ++flows, false});
        continue;
      }
      const Known used = tokens[dice(tokens.size())];
      const int sets = directory.sets();
      switch (dice(4)) {
        case 0: {
          const auto reply = engine.Challenge(caller(), used.text, "");
          if (Value(reply) == nullptr) break;
          codes[used.flow] = MailedCode();
          tokens.push_back({Value(reply)->continuation_token, used.flow, false});
          break;
        }
        case 1: {
          const int whose = 1 + static_cast<int>(dice(static_cast<std::uint64_t>(flows)));
          const auto reply =
              engine.Continue(caller(), used.text, MethodKind::kEmailCode, Hidden(codes[whose]));
          if (Value(reply) == nullptr) break;
          EXPECT_EQ(whose, used.flow) << "the code of another flow passed";
          tokens.push_back({Value(reply)->continuation_token, used.flow, true});
          break;
        }
        case 2: {
          const auto reply = engine.Submit(caller(), used.text, Hidden(Password()), "");
          EXPECT_EQ(directory.sets(), sets + (Value(reply) != nullptr ? 1 : 0));
          if (Value(reply) == nullptr) break;
          EXPECT_TRUE(used.proved);
          ++submitted;
          tokens.push_back({Value(reply)->continuation_token, used.flow, false});
          break;
        }
        default:
          (void)engine.Poll(caller(), used.text);
          (void)engine.SignInWithContinuation(caller(), used.text, "");
          break;
      }
    }
  }
  EXPECT_GT(submitted, 20) << "the walks reach the end often enough to mean something";
}

TEST_F(StepsTest, PollOfWhatIsDecided_ReadsNobodyAnew) {
  const auto submitted = engine.Submit(caller(), Prove(), Hidden(Password()), "");
  ASSERT_EQ(Outcome(submitted), "ok");
  const int reads = directory.reads();
  EXPECT_GT(reads, 0);
  EXPECT_EQ(Value(engine.Poll(caller(), Value(submitted)->continuation_token))->status,
            TransactionStatus::kSucceeded);
  EXPECT_EQ(directory.reads(), reads);
}

TEST_F(StepsTest, DirectoryThatDoesNotKnow_IsPending_AndSettledTruthfullyLater) {
  const auto submit = [this](FakeDirectory::NextSet next) {
    ForgetLimits();
    const std::string code = Challenge(Start("alice"), "mail-alice");
    const auto passed =
        engine.Continue(caller(), code, MethodKind::kEmailCode, Hidden(MailedCode()));
    directory.OnNextSet(next);
    return engine.Submit(caller(), Value(passed)->continuation_token, Hidden(Password()), "");
  };
  for (const auto& [next, status] :
       {std::pair{FakeDirectory::NextSet::kSetButUnknown, TransactionStatus::kSucceeded},
        std::pair{FakeDirectory::NextSet::kNotSetButUnknown, TransactionStatus::kFailed}}) {
    const auto pending = submit(next);
    ASSERT_EQ(Outcome(pending), "ok");
    EXPECT_EQ(Value(pending)->status, TransactionStatus::kPending);
    EXPECT_TRUE(Value(pending)->permit.empty());
    const std::string token = Value(pending)->continuation_token;
    EXPECT_EQ(Value(engine.Poll(caller(), token))->status, TransactionStatus::kPending);
    clock.Advance(61);
    EXPECT_EQ(Value(engine.Poll(caller(), token))->status, status);
  }
}

TEST_F(StepsTest, PasswordThatTheDirectoryRefusesLate_IsToldAtThePoll_AndAnotherMayFollow) {
  const std::string token = Prove();
  directory.OnNextSet(FakeDirectory::NextSet::kRefusedLate);
  const auto pending = engine.Submit(caller(), token, Hidden(Password()), "");
  ASSERT_EQ(Outcome(pending), "ok");
  EXPECT_EQ(Value(pending)->status, TransactionStatus::kPending);
  const std::string poll = Value(pending)->continuation_token;
  EXPECT_NE(Outcome(engine.Submit(caller(), token, Hidden(Password()), "")), "ok")
      << "one password at a time";
  const auto refused = engine.Poll(caller(), poll);
  EXPECT_EQ(Outcome(refused), "password_banned");
  EXPECT_EQ(RefusalIn(refused)->continuation_token, "");
  EXPECT_TRUE(store.ListPending().empty());
  EXPECT_EQ(Outcome(engine.Poll(caller(), poll)), "password_invalid") << "the answer was lost";
  EXPECT_EQ(directory.sets(), 0);
  const std::string fresh = Password();
  const auto done = engine.Submit(caller(), token, Hidden(fresh), "");
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(Value(done)->status, TransactionStatus::kSucceeded);
  EXPECT_TRUE(*directory.Verify("id-alice", Hidden(fresh)));
  EXPECT_EQ(directory.sets(), 1);
  EXPECT_EQ(Value(engine.Poll(caller(), Value(done)->continuation_token))->status,
            TransactionStatus::kSucceeded);
  EXPECT_NE(Outcome(engine.Submit(caller(), token, Hidden(Password()), "")), "ok");
  EXPECT_EQ(directory.sets(), 1);
}

TEST_F(StepsTest, PasswordThatTheDirectoryRefusedLate_IsNeverSetOnceSomebodyWasToldThatItFailed) {
  const std::string token = Prove();
  directory.OnNextSet(FakeDirectory::NextSet::kRefusedLate);
  const auto pending = engine.Submit(caller(), token, Hidden(Password()), "");
  ASSERT_EQ(Outcome(pending), "ok");
  engine.SettlePending();
  EXPECT_EQ(Value(engine.Poll(caller(), Value(pending)->continuation_token))->status,
            TransactionStatus::kFailed);
  EXPECT_NE(Outcome(engine.Submit(caller(), token, Hidden(Password()), "")), "ok");
  EXPECT_EQ(directory.sets(), 0);
}

TEST_F(StepsTest, PasswordThatTheDirectoryRefuses_HasItsReason_AndAnotherMayFollow) {
  const std::string token = Prove();
  for (int i = 0; i < 2; ++i) {
    directory.RefuseNext(RefusalCode::kPasswordRecentlyUsed);
    const auto refused = engine.Submit(caller(), token, Hidden(Password()), "");
    EXPECT_EQ(Outcome(refused), "password_recently_used");
    EXPECT_EQ(RefusalIn(refused)->continuation_token, token);
  }
  EXPECT_EQ(directory.sets(), 0);
  EXPECT_TRUE(store.ListPending().empty());
  const auto done = engine.Submit(caller(), token, Hidden(Password()), "");
  ASSERT_EQ(Outcome(done), "ok");
  EXPECT_EQ(Value(done)->status, TransactionStatus::kSucceeded);
  EXPECT_EQ(directory.sets(), 1);
}

// What a client makes of the answers: a refusal means that nothing was changed, and what is pending
// ends as what happened.
TEST_F(StepsTest, DatabaseThatFailsAtAnyCallOfASubmit_IsAnsweredTruthfully) {
  int refused = 0;
  int pending = 0;
  for (int calls = 0; calls < 16; ++calls) {
    ForgetLimits();
    clock.Advance(1000);
    const std::string code = Challenge(Start("alice"), "mail-alice");
    const auto passed =
        engine.Continue(caller(), code, MethodKind::kEmailCode, Hidden(MailedCode()));
    const std::string fresh = Password();
    store.FailNext(1, calls);
    const auto done = engine.Submit(caller(), Value(passed)->continuation_token, Hidden(fresh), "");
    store.FailNext(0);
    engine.SettlePending();
    const bool changed = *directory.Verify("id-alice", Hidden(fresh));
    EXPECT_EQ(changed, Value(done) != nullptr) << calls;
    if (Value(done) == nullptr) {
      ++refused;
      continue;
    }
    pending += Value(done)->status == TransactionStatus::kPending ? 1 : 0;
    const auto polled = engine.Poll(caller(), Value(done)->continuation_token);
    EXPECT_EQ(Value(polled)->status, TransactionStatus::kSucceeded) << calls;
  }
  EXPECT_GT(refused, 3);
  EXPECT_GT(pending, 0);
}

TEST_F(StepsTest, DatabaseThatFailsAtAnyCall_PassesNobody_AndSetsNothingUnknown) {
  int refused = 0;
  for (int calls = 0; calls < 40; ++calls) {
    ForgetLimits();
    clock.Advance(1000);
    const std::string token = Challenge(Start("alice"), "mail-alice");
    const std::string right = MailedCode();
    const std::string wrong = right == "00000000" ? "00000001" : "00000000";
    store.FailNext(1, calls);
    const auto guess = engine.Continue(caller(), token, MethodKind::kEmailCode, Hidden(wrong));
    EXPECT_EQ(Value(guess), nullptr);
    refused += Outcome(guess) == "internal" ? 1 : 0;
    store.FailNext(0);
  }
  EXPECT_GE(refused, 4) << "reading the token and the policy, counting, reading the methods";
}

}  // namespace
}  // namespace sspr::service
