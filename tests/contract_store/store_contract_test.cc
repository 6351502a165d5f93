// SPDX-License-Identifier: Apache-2.0
// What service/store/flow_store.h promises, held against the real store and the fake.
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "service/crypto/random.h"
#include "service/store/sql_store.h"
#include "tests/fakes/memory_store.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {
namespace {

constexpr UnixSeconds kNow = 1767225600;
constexpr int kThreads = 8;

struct MemoryWorld {
  FlowStore& store() { return memory; }
  MemoryStore memory;
};

template <typename Database>
struct SqlWorld {
  SqlWorld() {
    Result<std::unique_ptr<SqlStore>> made = SqlStore::Open(database.Target(), kThreads, random);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    sql = std::move(*made);
  }
  FlowStore& store() { return *sql; }
  Database database;
  SystemRandom random;
  std::unique_ptr<SqlStore> sql;
};

template <typename World>
class StoreContract : public testing::Test {
 protected:
  FlowStore& store() { return world.store(); }

  UserRecord User(const std::string& name) {
    return {.id = "id-" + name,
            .username = name,
            .display_name = "Näme " + name,
            .local_account = name,
            .language = "de",
            .enabled = true,
            .password_hash = "",
            .created_at = kNow};
  }
  MethodRecord Method(const std::string& id, const std::string& user, UnixSeconds at) {
    return {.id = id,
            .user_id = user,
            .kind = MethodKind::kAuthenticatorCode,
            .address = "",
            .sealed_secret = "00ff",
            .last_step = 10,
            .added_at = at};
  }
  FlowRecord Flow(const std::string& id, const std::string& subject = "s") {
    FlowRecord flow;
    flow.id = id;
    flow.client_id = "c";
    flow.subject = subject;
    flow.user_id = "u";
    flow.password_generation = 3;
    flow.capabilities = {.introspect = true, .two_gates = false, .final_submit = true};
    flow.completed_gates = 1;
    flow.passed_kinds = {MethodKind::kAuthenticatorCode};
    flow.passed_methods = {"m1", "m2"};
    flow.proved_at = kNow + 1;
    flow.submits = 2;
    flow.local_set = LocalSet{.account = "alice",
                              .device_id = std::string(31, 'd') + '\0',
                              .nonce = std::string(32, '\xff')};
    flow.resume_digest = "key";
    flow.transaction_id = "t-" + id;
    flow.created_at = kNow;
    flow.last_seen = kNow + 2;
    flow.challenge = ChallengeRecord{.id = "ch",
                                     .method_id = "m3",
                                     .kind = MethodKind::kAuthenticatorCode,
                                     .code_digest = "dd",
                                     .code_length = 6,
                                     .expires_at = kNow + 300,
                                     .attempts = 1};
    return flow;
  }
  TokenRecord Token(const std::string& digest, const std::string& flow) {
    return {.digest = digest, .flow_id = flow, .kind = TokenKind::kCode, .gates = 1};
  }
  TransactionRecord Transaction(const std::string& id, const std::string& flow) {
    return {.id = id,
            .status = TransactionStatus::kPending,
            .client_id = "c",
            .flow_id = flow,
            .subject = "s",
            .user_id = "u",
            .local_set = LocalSet{.account = "alice",
                                  .device_id = std::string(32, 'd'),
                                  .nonce = std::string(32, 'n')},
            .commitment = std::string(32, '\x01'),
            .changed_at = kNow};
  }
  LimitRule Rule(const std::string& bucket, int max, int window, int off = 0) {
    return {.bucket = bucket, .max = max, .window_seconds = window, .off_seconds = off};
  }
  // The number of threads for which work() was true.
  template <typename Work>
  int Winners(Work work) {
    std::atomic<int> winners = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] { winners += work() ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    return winners;
  }

  World world;
};

using Worlds =
    testing::Types<MemoryWorld, SqlWorld<test::SqliteFile>, SqlWorld<test::PostgresqlSchema>>;
TYPED_TEST_SUITE(StoreContract, Worlds);

TYPED_TEST(StoreContract, UserIsFoundByNameBytewise_AndById) {
  EXPECT_TRUE(this->store().InsertUser(this->User("alice")));
  EXPECT_FALSE(this->store().InsertUser(this->User("alice"))) << "the name is taken";
  for (const char* other : {"ALICE", "Alice", "alic\xC3\xA9", "alice ", "a%", "alice'--", ""}) {
    EXPECT_FALSE(this->store().FindUser(other).has_value()) << other;
  }
  const auto found = this->store().FindUser("alice");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->display_name, "Näme alice");
  EXPECT_EQ(found->language, "de");
  EXPECT_TRUE(this->store().GetUser("id-alice").has_value());
  EXPECT_FALSE(this->store().GetUser("").has_value());
}

TYPED_TEST(StoreContract, ProfileIsChanged_PasswordAndNameAreNot) {
  this->store().InsertUser(this->User("alice"));
  this->store().SetPasswordHash("id-alice", "hash", kNow);
  UserRecord changed = this->User("mallory");
  changed.id = "id-alice";
  changed.display_name = "Other";
  changed.enabled = false;
  EXPECT_TRUE(this->store().UpdateProfile(changed));
  const auto user = this->store().FindUser("alice");
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->display_name, "Other");
  EXPECT_FALSE(user->enabled);
  EXPECT_EQ(user->password_hash, "hash");
  EXPECT_EQ(user->password_generation, 1);
  changed.id = "nobody";
  EXPECT_FALSE(this->store().UpdateProfile(changed));
}

TYPED_TEST(StoreContract, DeletingAUserTakesTheMethodsAlong) {
  this->store().InsertUser(this->User("alice"));
  this->store().InsertMethod(this->Method("m", "id-alice", kNow));
  EXPECT_TRUE(this->store().DeleteUser("id-alice"));
  EXPECT_FALSE(this->store().DeleteUser("id-alice"));
  EXPECT_TRUE(this->store().ListMethods("id-alice").empty());
}

TYPED_TEST(StoreContract, MethodNeedsItsUser) {
  EXPECT_THROW(this->store().InsertMethod(this->Method("m", "nobody", kNow)), StoreFailure);
}

TYPED_TEST(StoreContract, MethodsAreListedOldestFirst_AndRemovedByTheirOwnerOnly) {
  this->store().InsertUser(this->User("alice"));
  this->store().InsertUser(this->User("bob"));
  this->store().InsertMethod(this->Method("younger", "id-alice", kNow + 5));
  this->store().InsertMethod(this->Method("older", "id-alice", kNow));
  const auto methods = this->store().ListMethods("id-alice");
  ASSERT_EQ(methods.size(), 2U);
  EXPECT_EQ(methods[0].id, "older");
  EXPECT_EQ(methods[0].kind, MethodKind::kAuthenticatorCode);
  EXPECT_EQ(methods[0].sealed_secret, "00ff");
  EXPECT_FALSE(this->store().DeleteMethod("id-bob", "older"));
  EXPECT_TRUE(this->store().DeleteMethod("id-alice", "older"));
}

TYPED_TEST(StoreContract, StepIsAcceptedOnce_AndNeverAnOlderOne) {
  this->store().InsertUser(this->User("alice"));
  this->store().InsertMethod(this->Method("m", "id-alice", kNow));
  EXPECT_FALSE(this->store().AcceptStep("m", 10));
  EXPECT_EQ(this->Winners([this] { return this->store().AcceptStep("m", 12); }), 1);
  EXPECT_FALSE(this->store().AcceptStep("m", 11));
  EXPECT_FALSE(this->store().AcceptStep("nobody", 99));
}

TYPED_TEST(StoreContract, SettingsClientsAndHintsAreReplacedNotDoubled) {
  this->store().PutSetting("a", "1");
  this->store().PutSetting("a", "2");
  EXPECT_EQ(this->store().ListSettings(),
            (std::vector<std::pair<std::string, std::string>>{{"a", "2"}}));
  this->store().PutClient({.client_id = "c", .concealment = true});
  this->store().PutClient({.client_id = "c", .concealment = false});
  ASSERT_TRUE(this->store().FindClient("c").has_value());
  EXPECT_FALSE(this->store().FindClient("c")->concealment);
  EXPECT_EQ(this->store().ListClients().size(), 1U);
  EXPECT_FALSE(this->store().FindClient("C").has_value());
  EXPECT_TRUE(this->store().DeleteClient("c"));
  EXPECT_FALSE(this->store().DeleteClient("c"));
  this->store().AddDomainHint("z***.org");
  this->store().AddDomainHint("a***.org");
  this->store().AddDomainHint("a***.org");
  EXPECT_EQ(this->store().DomainHints(), (std::vector<std::string>{"a***.org", "z***.org"}));
}

TYPED_TEST(StoreContract, EveryFieldOfUsersAndMethodsComesBack) {
  UserRecord user = this->User("alice");
  user.groups = {"admins", "staff"};
  user.methods_confirmed_at = kNow + 3;
  this->store().InsertUser(user);
  MethodRecord method = this->Method("m", "id-alice", kNow);
  method.secret_hash = "$argon2id$x";
  method.detail = "Which ströet?";
  method.expires_at = kNow + 60;
  method.totp = {.algorithm = TotpAlgorithm::kSha256, .digits = 8};
  this->store().InsertMethod(method);
  const auto found = this->store().FindUser("alice");
  EXPECT_EQ(found->groups, user.groups);
  EXPECT_EQ(found->methods_confirmed_at, kNow + 3);
  const MethodRecord kept = this->store().ListMethods("id-alice").at(0);
  EXPECT_EQ(kept.secret_hash, method.secret_hash);
  EXPECT_EQ(kept.detail, method.detail);
  EXPECT_EQ(kept.expires_at, kNow + 60);
  EXPECT_EQ(kept.totp.algorithm, TotpAlgorithm::kSha256);
  EXPECT_EQ(kept.totp.digits, 8);
  user.groups = {};
  EXPECT_TRUE(this->store().UpdateProfile(user));
  EXPECT_TRUE(this->store().FindUser("alice")->groups.empty());
}

TYPED_TEST(StoreContract, MembersAreFoundByTheirGroups) {
  for (const auto& [name, group] :
       {std::pair{"carol", "admins"}, {"bob", "admin"}, {"alice", "admins"}}) {
    UserRecord user = this->User(name);
    user.groups = {"a_staff", group};
    this->store().InsertUser(user);
  }
  const auto members = this->store().ListMembers({"admins", "none"});
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].username, "alice");
  EXPECT_EQ(members[1].username, "carol");
  EXPECT_TRUE(this->store().ListMembers({"a%", "a-staff", ""}).empty());
}

TYPED_TEST(StoreContract, MethodsOfAKindAreReplacedTogether) {
  this->store().InsertUser(this->User("alice"));
  this->store().InsertMethod(this->Method("app", "id-alice", kNow));
  MethodRecord code = this->Method("one", "id-alice", kNow);
  code.kind = MethodKind::kRecoveryCode;
  this->store().ReplaceMethods("id-alice", MethodKind::kRecoveryCode, {code});
  code.id = "two";
  this->store().ReplaceMethods("id-alice", MethodKind::kRecoveryCode, {code});
  const auto methods = this->store().ListMethods("id-alice");
  ASSERT_EQ(methods.size(), 2U);
  EXPECT_EQ(methods[0].id, "app");
  EXPECT_EQ(methods[1].id, "two");
  EXPECT_EQ(this->Winners([this] { return this->store().DeleteMethod("id-alice", "two"); }), 1);
}

TYPED_TEST(StoreContract, HistoryOfPasswordsIsAsLongAsIsAsked) {
  this->store().InsertUser(this->User("alice"));
  EXPECT_TRUE(this->store().SetPasswordHash("id-alice", "one", kNow, 2));
  EXPECT_TRUE(this->store().PasswordHistory("id-alice").empty()) << "she had none";
  for (const char* hash : {"two", "three"}) {
    EXPECT_TRUE(this->store().SetPasswordHash("id-alice", hash, kNow, 2));
  }
  EXPECT_EQ(this->store().PasswordHistory("id-alice"), (std::vector<std::string>{"two", "one"}));
  EXPECT_TRUE(this->store().ChangePasswordOnce("t", "id-alice", "four", kNow, 2));
  EXPECT_FALSE(this->store().ChangePasswordOnce("t", "id-alice", "five", kNow, 2));
  EXPECT_EQ(this->store().PasswordHistory("id-alice"), (std::vector<std::string>{"three", "two"}));
  EXPECT_TRUE(this->store().SetPasswordHash("id-alice", "six", kNow));
  EXPECT_TRUE(this->store().PasswordHistory("id-alice").empty());
  EXPECT_TRUE(this->store().PasswordHistory("nobody").empty());
}

TYPED_TEST(StoreContract, BannedTermsAreASet) {
  this->store().ChangeBannedTerms({"b", "a", "b"}, {});
  this->store().ChangeBannedTerms({"c", "a"}, {"b", "none"});
  EXPECT_EQ(this->store().BannedTerms(), (std::vector<std::string>{"a", "c"}));
}

TYPED_TEST(StoreContract, RefreshTokenIsUsedOnce_TwiceEndsItsFamily) {
  this->store().InsertUser(this->User("alice"));
  const RefreshTokenRecord token{.digest = "d0",
                                 .family = "f",
                                 .user_id = "id-alice",
                                 .client_id = "c",
                                 .scope = "openid",
                                 .password_generation = 3,
                                 .expires_at = kNow + 10};
  this->store().InsertRefreshToken(token);
  EXPECT_FALSE(this->store().UseRefreshToken("d0", "other", "d1", kNow, kNow + 20));
  EXPECT_FALSE(this->store().UseRefreshToken("none", "c", "d1", kNow, kNow + 20));
  const auto used = this->store().UseRefreshToken("d0", "c", "d1", kNow, kNow + 20);
  ASSERT_TRUE(used.has_value());
  EXPECT_EQ(used->scope, "openid");
  EXPECT_EQ(used->password_generation, 3);
  EXPECT_TRUE(this->store().UseRefreshToken("d1", "c", "d2", kNow + 15, kNow + 30));
  EXPECT_FALSE(this->store().UseRefreshToken("d2", "c", "d3", kNow + 30, kNow + 40)) << "too old";
  EXPECT_FALSE(this->store().UseRefreshToken("d0", "c", "d4", kNow, kNow + 20)) << "again";
  EXPECT_FALSE(this->store().UseRefreshToken("d2", "c", "d5", kNow + 15, kNow + 30));
  std::atomic<int> next = 0;
  this->store().InsertRefreshToken(token);
  EXPECT_EQ(this->Winners([&] {
    return this->store()
        .UseRefreshToken("d0", "c", "n" + std::to_string(next++), kNow, kNow + 20)
        .has_value();
  }),
            1);
}

TYPED_TEST(StoreContract, RiskIsOneOfEachUser) {
  this->store().InsertUser(this->User("alice"));
  this->store().InsertUser(this->User("bob"));
  EXPECT_FALSE(this->store().FindRisk("id-alice").has_value());
  this->store().PutRisk({.user_id = "nobody", .level = RiskLevel::kHigh, .detail = {}});
  EXPECT_FALSE(this->store().FindRisk("nobody").has_value());
  this->store().PutRisk({.user_id = "id-alice",
                         .level = RiskLevel::kLow,
                         .state = RiskState::kAtRisk,
                         .detail = "a",
                         .changed_at = kNow});
  this->store().PutRisk({.user_id = "id-bob",
                         .level = RiskLevel::kHigh,
                         .state = RiskState::kAtRisk,
                         .detail = "b",
                         .changed_at = kNow});
  ASSERT_EQ(this->store().ListRisks().size(), 2U);
  EXPECT_EQ(this->store().ListRisks()[0].user_id, "id-bob");
  this->store().PutRisk({.user_id = "id-bob",
                         .level = RiskLevel::kNone,
                         .state = RiskState::kRemediated,
                         .detail = {},
                         .changed_at = kNow + 1});
  EXPECT_EQ(this->store().ListRisks().size(), 1U);
  EXPECT_EQ(this->store().FindRisk("id-bob")->state, RiskState::kRemediated);
}

TYPED_TEST(StoreContract, PolicyChangesAreCounted_AndKept) {
  EXPECT_EQ(this->store().ChangePolicy("a", "1", kNow), 1);
  EXPECT_EQ(this->store().ChangePolicy("a", "2", kNow + 5), 2);
  const auto history = this->store().PolicyHistory();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].version, 2);
  EXPECT_EQ(history[0].at, kNow + 5);
  EXPECT_EQ(history[0].name, "a");
  EXPECT_EQ(history[0].old_value, "1");
  EXPECT_EQ(history[0].new_value, "2");
  EXPECT_EQ(history[1].old_value, "");
  EXPECT_EQ(this->store().ListSettings(),
            (std::vector<std::pair<std::string, std::string>>{{"a", "2"}}));
}

TYPED_TEST(StoreContract, FlowComesBackAsItWentIn) {
  const FlowRecord in = this->Flow("f");
  this->store().InsertFlow(in, this->Token("d", "f"));
  const auto found = this->store().FindByToken("d");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->first.kind, TokenKind::kCode);
  EXPECT_EQ(found->first.gates, 1);
  const FlowRecord& out = found->second;
  EXPECT_EQ(out.subject, in.subject);
  EXPECT_EQ(out.user_id, in.user_id);
  EXPECT_EQ(out.password_generation, 3);
  EXPECT_TRUE(out.capabilities.introspect && out.capabilities.final_submit);
  EXPECT_FALSE(out.capabilities.two_gates || out.capabilities.totp);
  EXPECT_EQ(out.passed_kinds, in.passed_kinds);
  EXPECT_EQ(out.passed_methods, in.passed_methods);
  EXPECT_EQ(out.proved_at, in.proved_at);
  EXPECT_EQ(out.submits, 2);
  ASSERT_TRUE(out.local_set.has_value());
  EXPECT_EQ(out.local_set->device_id, in.local_set->device_id);
  EXPECT_EQ(out.local_set->nonce, in.local_set->nonce);
  ASSERT_TRUE(out.challenge.has_value());
  EXPECT_EQ(out.challenge->kind, MethodKind::kAuthenticatorCode);
  EXPECT_EQ(out.challenge->expires_at, kNow + 300);
  EXPECT_EQ(out.last_seen, kNow + 2);
  EXPECT_FALSE(this->store().FindByToken("D").has_value());
  EXPECT_TRUE(this->store().FindByTransaction("t-f").has_value());
  EXPECT_FALSE(this->store().FindByTransaction("").has_value());
}

TYPED_TEST(StoreContract, FlowIsChangedByOneOfMany_AndTheTokenComesWithTheChange) {
  FlowRecord flow = this->Flow("f");
  flow.local_set.reset();
  this->store().InsertFlow(flow, this->Token("d0", "f"));
  flow.state = FlowState::kProved;
  flow.challenge.reset();
  std::atomic<int> number = 0;
  EXPECT_EQ(this->Winners([&] {
    return this->store().ChangeFlow(flow, this->Token("n" + std::to_string(++number), "f"));
  }),
            1);
  int tokens = 0;
  for (int i = 1; i <= kThreads; ++i) {
    tokens += this->store().FindByToken("n" + std::to_string(i)).has_value() ? 1 : 0;
  }
  EXPECT_EQ(tokens, 1);
  const auto found = this->store().FindByToken("d0");
  EXPECT_EQ(found->second.state, FlowState::kProved);
  EXPECT_FALSE(found->second.challenge.has_value());
  EXPECT_FALSE(found->second.local_set.has_value());
  EXPECT_EQ(found->second.version, flow.version + 1);
}

TYPED_TEST(StoreContract, RestartedFlowKnowsItsNewTokenOnly) {
  const FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("old", "f"));
  EXPECT_TRUE(this->store().RestartFlow(flow, this->Token("new", "f")));
  EXPECT_FALSE(this->store().FindByToken("old").has_value());
  EXPECT_TRUE(this->store().FindByToken("new").has_value());
  EXPECT_FALSE(this->store().RestartFlow(flow, this->Token("newer", "f"))) << "it moved on";
}

TYPED_TEST(StoreContract, ResumableIsTheNewestOpenFlowOfThatKeyNameAndClient) {
  FlowRecord older = this->Flow("older");
  FlowRecord newer = this->Flow("newer");
  newer.created_at += 10;
  FlowRecord over = this->Flow("over");
  over.created_at += 20;
  over.state = FlowState::kSubmitted;
  for (const FlowRecord& flow : {older, newer, over}) {
    this->store().InsertFlow(flow, this->Token("d" + flow.id, flow.id));
  }
  ASSERT_TRUE(this->store().FindResumable("key", "s", "c").has_value());
  EXPECT_EQ(this->store().FindResumable("key", "s", "c")->id, "newer");
  EXPECT_FALSE(this->store().FindResumable("other", "s", "c").has_value());
  EXPECT_FALSE(this->store().FindResumable("key", "other", "c").has_value());
  EXPECT_FALSE(this->store().FindResumable("key", "s", "other").has_value());
}

TYPED_TEST(StoreContract, LimitHoldsForSimultaneousReservations) {
  const std::vector<LimitRule> rules = {this->Rule("a", 3, 3600), this->Rule("b", 100, 3600)};
  EXPECT_EQ(this->Winners([&] { return this->store().Reserve(rules, kNow).allowed; }), 3);
  const LimitVerdict refused = this->store().Reserve(rules, kNow + 10);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_seconds, 3590);
  EXPECT_TRUE(this->store().Peek({this->Rule("b", 4, 3600)}, kNow).allowed)
      << "a refused reservation counts in no bucket";
  EXPECT_FALSE(this->store().Peek({this->Rule("b", 3, 3600)}, kNow).allowed);
  EXPECT_TRUE(this->store().Reserve(rules, kNow + 3600).allowed) << "the window has slid";
}

TYPED_TEST(StoreContract, RuleWithOff_ShutsFromTheLastEvent_AndOpensForGood) {
  const std::vector<LimitRule> rules = {this->Rule("a", 3, 100, 1000)};
  for (const int second : {0, 50, 99}) {
    EXPECT_TRUE(this->store().Reserve(rules, kNow + second).allowed);
  }
  EXPECT_FALSE(this->store().Peek(rules, kNow + 200).allowed);
  EXPECT_FALSE(this->store().Peek(rules, kNow + 1098).allowed);
  EXPECT_TRUE(this->store().Reserve(rules, kNow + 1099).allowed);
  EXPECT_TRUE(this->store().Reserve(rules, kNow + 1100).allowed);
}

TYPED_TEST(StoreContract, ClockThatGoesBack_FreesNothing_AndShutsNothingForGood) {
  const std::vector<LimitRule> rules = {this->Rule("a", 2, 100)};
  const UnixSeconds ten_years = 10LL * 365 * 86400;
  EXPECT_TRUE(this->store().Reserve(rules, kNow + ten_years).allowed);
  EXPECT_TRUE(this->store().Reserve(rules, kNow).allowed);
  EXPECT_FALSE(this->store().Reserve(rules, kNow + 1).allowed);
  EXPECT_TRUE(this->store().Reserve(rules, kNow + 101).allowed);
}

TYPED_TEST(StoreContract, ReleaseTakesBackItsOwnEvents_ClearTakesABucket) {
  const std::vector<LimitRule> rules = {this->Rule("a", 2, 100), this->Rule("b", 2, 100)};
  const LimitVerdict first = this->store().Reserve(rules, kNow);
  const LimitVerdict second = this->store().Reserve(rules, kNow);
  EXPECT_NE(first.reservation, second.reservation);
  this->store().Release(first.reservation);
  EXPECT_TRUE(this->store().Reserve(rules, kNow).allowed);
  EXPECT_FALSE(this->store().Reserve(rules, kNow).allowed);
  this->store().ClearBuckets({"a"});
  EXPECT_TRUE(this->store().Peek({rules[0]}, kNow).allowed);
  EXPECT_FALSE(this->store().Peek({rules[1]}, kNow).allowed);
}

TYPED_TEST(StoreContract, AttemptsOfAChallengeAreCountedForEverybodyTogether) {
  FlowRecord flow = this->Flow("f");
  flow.challenge->attempts = 0;
  this->store().InsertFlow(flow, this->Token("d", "f"));
  const std::vector<LimitRule> rules = {this->Rule("a", 100, 3600)};
  EXPECT_EQ(this->Winners([&] {
    return this->store().ReserveAttempt("f", "ch", 5, rules, kNow).kind ==
           AttemptVerdict::Kind::kReserved;
  }),
            5);
  EXPECT_EQ(this->store().FindByToken("d")->second.challenge->attempts, 5);
  EXPECT_EQ(this->store().ReserveAttempt("f", "ch", 5, rules, kNow).kind,
            AttemptVerdict::Kind::kSpent);
  EXPECT_TRUE(this->store().Peek({this->Rule("a", 6, 3600)}, kNow).allowed);
  EXPECT_FALSE(this->store().ChangeFlow(flow, std::nullopt)) << "an attempt moves the flow";
}

TYPED_TEST(StoreContract, AttemptIsRefusedForAnotherChallenge_AndAtALimit_WithoutACount) {
  const FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  const std::vector<LimitRule> rules = {this->Rule("a", 1, 3600)};
  EXPECT_EQ(this->store().ReserveAttempt("f", "other", 5, rules, kNow).kind,
            AttemptVerdict::Kind::kSpent);
  EXPECT_EQ(this->store().ReserveAttempt("nobody", "ch", 5, rules, kNow).kind,
            AttemptVerdict::Kind::kSpent);
  EXPECT_TRUE(this->store().Reserve(rules, kNow).allowed) << "nothing was counted";
  const AttemptVerdict limited = this->store().ReserveAttempt("f", "ch", 5, rules, kNow);
  EXPECT_EQ(limited.kind, AttemptVerdict::Kind::kLimited);
  EXPECT_EQ(limited.retry_after_seconds, 3600);
  EXPECT_EQ(this->store().FindByToken("d")->second.challenge->attempts, 1);
}

TYPED_TEST(StoreContract, SignIn_TenthFailureShuts_LongerEachTime_SuccessForgets) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(this->store().ReserveSignIn("s", kNow).allowed) << i;
  EXPECT_EQ(this->store().ReserveSignIn("s", kNow).retry_after_seconds, 60);
  EXPECT_TRUE(this->store().ReserveSignIn("s", kNow + 60).allowed);
  EXPECT_EQ(this->store().ReserveSignIn("s", kNow + 60).retry_after_seconds, 120);
  EXPECT_TRUE(this->store().ReserveSignIn("other", kNow).allowed);
  this->store().ClearSignIn("s");
  EXPECT_TRUE(this->store().ReserveSignIn("s", kNow).allowed);
}

TYPED_TEST(StoreContract, SignInFailuresAreForgottenAfterTwoDays_NotBefore) {
  for (int i = 0; i < 10; ++i) this->store().ReserveSignIn("s", kNow);
  this->store().Prune(kNow + 47 * 3600);
  EXPECT_TRUE(this->store().ReserveSignIn("s", kNow + 47 * 3600).allowed);
  EXPECT_FALSE(this->store().ReserveSignIn("s", kNow + 47 * 3600).allowed) << "the eleventh";
  this->store().Prune(kNow + 96 * 3600);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(this->store().ReserveSignIn("s", kNow + 96 * 3600).allowed) << i;
  }
}

TYPED_TEST(StoreContract, TransactionIsBegunOnce_TogetherWithItsFlow) {
  FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  flow.state = FlowState::kSubmitted;
  std::atomic<int> number = 0;
  EXPECT_EQ(this->Winners([&] {
    return this->store().BeginTransaction(flow, this->Token("p" + std::to_string(++number), "f"),
                                          this->Transaction("t-f", "f")) == BeginOutcome::kBegun;
  }),
            1);
  const auto found = this->store().FindTransaction("t-f");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->status, TransactionStatus::kPending);
  EXPECT_EQ(found->commitment, std::string(32, '\x01'));
  EXPECT_EQ(found->local_set->nonce, std::string(32, 'n'));
  EXPECT_EQ(this->store().ListPending().size(), 1U);
  EXPECT_EQ(this->store().BeginTransaction(flow, this->Token("q", "f"),
                                           this->Transaction("t-other", "f")),
            BeginOutcome::kFlowChanged);
  EXPECT_FALSE(this->store().FindTransaction("t-other").has_value());
}

TYPED_TEST(StoreContract, VoidedTransactionIsNeverBegun_BegunOneIsNotVoided) {
  FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  this->store().VoidTransaction(this->Transaction("t-f", "f"));
  EXPECT_EQ(this->store().FindTransaction("t-f")->status, TransactionStatus::kFailed);
  EXPECT_EQ(
      this->store().BeginTransaction(flow, this->Token("p", "f"), this->Transaction("t-f", "f")),
      BeginOutcome::kTransactionSpent);
  EXPECT_EQ(
      this->store().BeginTransaction(flow, this->Token("p", "f"), this->Transaction("t2", "f")),
      BeginOutcome::kBegun);
  this->store().VoidTransaction(this->Transaction("t2", "f"));
  EXPECT_EQ(this->store().FindTransaction("t2")->status, TransactionStatus::kPending);
}

TYPED_TEST(StoreContract, OneTransactionOfAUserIsUnderWayAtATime) {
  const FlowRecord flow = this->Flow("f");
  const FlowRecord other = this->Flow("g");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  this->store().InsertFlow(other, this->Token("dg", "g"));
  const TransactionRecord first = this->Transaction("t-f", "f");
  TransactionRecord second = this->Transaction("t-g", "g");
  EXPECT_EQ(this->store().BeginTransaction(flow, this->Token("p", "f"), first),
            BeginOutcome::kBegun);
  EXPECT_EQ(this->store().BeginTransaction(other, this->Token("pg", "g"), second),
            BeginOutcome::kFlowChanged);
  // What a process left behind when it died is in nobody's way.
  second.changed_at += 60;
  EXPECT_EQ(this->store().BeginTransaction(other, this->Token("pg", "g"), second),
            BeginOutcome::kBegun);
}

TYPED_TEST(StoreContract, SuccessIsWrittenOnce_ClosesTheOtherFlows_AndForgetsTheFailures) {
  FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  this->store().InsertFlow(this->Flow("g"), this->Token("dg", "g"));
  this->store().InsertFlow(this->Flow("h", "somebody else"), this->Token("dh", "h"));
  this->store().BeginTransaction(flow, this->Token("p", "f"), this->Transaction("t-f", "f"));
  this->store().Reserve({this->Rule("a", 1, 3600), this->Rule("b", 1, 3600)}, kNow);
  for (int i = 0; i < 10; ++i) this->store().ReserveSignIn("s", kNow);
  EXPECT_EQ(this->Winners([&] {
    return this->store().FinishTransaction("t-f", TransactionStatus::kSucceeded, {"a"}, kNow + 1);
  }),
            1);
  EXPECT_EQ(this->store().FindTransaction("t-f")->status, TransactionStatus::kSucceeded);
  EXPECT_EQ(this->store().FindTransaction("t-f")->changed_at, kNow + 1);
  EXPECT_NE(this->store().FindByToken("d")->second.state, FlowState::kClosed);
  EXPECT_EQ(this->store().FindByToken("dg")->second.state, FlowState::kClosed);
  EXPECT_FALSE(this->store().FindByToken("dg")->second.challenge.has_value());
  EXPECT_NE(this->store().FindByToken("dh")->second.state, FlowState::kClosed);
  EXPECT_TRUE(this->store().Peek({this->Rule("a", 1, 3600)}, kNow).allowed);
  EXPECT_FALSE(this->store().Peek({this->Rule("b", 1, 3600)}, kNow).allowed);
  EXPECT_TRUE(this->store().ReserveSignIn("s", kNow).allowed);
  EXPECT_TRUE(this->store().ListPending().empty());
}

TYPED_TEST(StoreContract, FailureChangesNothingElse) {
  FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  this->store().InsertFlow(this->Flow("g"), this->Token("dg", "g"));
  this->store().BeginTransaction(flow, this->Token("p", "f"), this->Transaction("t-f", "f"));
  this->store().Reserve({this->Rule("a", 1, 3600)}, kNow);
  EXPECT_TRUE(this->store().FinishTransaction("t-f", TransactionStatus::kFailed, {"a"}, kNow));
  EXPECT_NE(this->store().FindByToken("dg")->second.state, FlowState::kClosed);
  EXPECT_FALSE(this->store().Peek({this->Rule("a", 1, 3600)}, kNow).allowed);
}

TYPED_TEST(StoreContract, PasswordIsChangedOncePerTransaction) {
  this->store().InsertUser(this->User("alice"));
  EXPECT_EQ(
      this->Winners([&] { return this->store().ChangePasswordOnce("t", "id-alice", "h1", kNow); }),
      1);
  EXPECT_EQ(this->store().GetUser("id-alice")->password_generation, 1);
  EXPECT_EQ(this->store().GetUser("id-alice")->password_changed_at, kNow);
  EXPECT_TRUE(this->store().SettleChange("t", kNow));
  EXPECT_FALSE(this->store().ChangePasswordOnce("t2", "nobody", "h2", kNow));
}

TYPED_TEST(StoreContract, SettledAsNotDone_NeverHappensAfterwards) {
  this->store().InsertUser(this->User("alice"));
  EXPECT_FALSE(this->store().SettleChange("t", kNow));
  EXPECT_FALSE(this->store().ChangePasswordOnce("t", "id-alice", "h1", kNow));
  EXPECT_FALSE(this->store().SettleChange("t", kNow));
  EXPECT_EQ(this->store().GetUser("id-alice")->password_hash, "");
}

TYPED_TEST(StoreContract, PruneForgetsWhatIsOldAndOver_ButNothingPending) {
  FlowRecord flow = this->Flow("f");
  this->store().InsertFlow(flow, this->Token("d", "f"));
  this->store().BeginTransaction(flow, this->Token("p", "f"), this->Transaction("t-f", "f"));
  this->store().VoidTransaction(this->Transaction("over", "f"));
  this->store().SettleChange("t-f", kNow);
  this->store().SettleChange("over", kNow);
  this->store().Prune(kNow + 3600);
  EXPECT_TRUE(this->store().FindByToken("d").has_value());
  this->store().Prune(kNow + 49 * 3600);
  EXPECT_FALSE(this->store().FindByToken("d").has_value());
  EXPECT_TRUE(this->store().FindTransaction("t-f").has_value());
  EXPECT_FALSE(this->store().FindTransaction("over").has_value());
  EXPECT_FALSE(this->store().SettleChange("t-f", kNow)) << "its note is still there";
}

TYPED_TEST(StoreContract, HostileTextIsOnlyText) {
  for (const std::string& text :
       {std::string("'; DROP TABLE users; --"), std::string("\" OR 1=1"), std::string(":id ?1 $x"),
        std::string("%_\\"), std::string("\xF0\x9F\x92\xA5"), std::string(4000, 'x')}) {
    this->store().PutSetting("k", text);
    EXPECT_EQ(this->store().ListSettings().front().second, text);
    EXPECT_FALSE(this->store().FindUser(text).has_value());
    EXPECT_FALSE(this->store().FindByToken(text).has_value());
  }
}

}  // namespace
}  // namespace sspr::service
