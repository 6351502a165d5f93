// SPDX-License-Identifier: Apache-2.0
// Who a name is decides nothing of what the service does on the way to its answer (I01, I02, I04,
// I06): for users, nobody, the excluded, the unregistered and the disabled the store is asked the
// same number of times, and its failure at any of these calls is answered alike. Times themselves
// are compared by ./run bench timing.
#include <gtest/gtest.h>

#include <map>

#include "service/engine/reset_engine.h"
#include "tests/fakes/fake_directory.h"
#include "tests/fakes/memory_store.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr const char* kNames[] = {"member", "nobody", "excluded", "methodless", "disabled"};

class SameWorkTest : public testing::Test {
 protected:
  SameWorkTest()
      : keys_(MakeKeys()),
        database_(OpenDatabase()),
        audit_(folder_.File("audit.jsonl"), *database_, keys_, random_, clock_),
        engine_(Parts()) {
    store_.PutClient({.client_id = "c", .concealment = true});
    store_.PutSetting("reset.scope", "groups");
    store_.PutSetting("reset.groups", "staff");
    AddPerson("member", {"staff"}, true, true);
    AddPerson("excluded", {}, true, true);
    AddPerson("methodless", {"staff"}, false, true);
    AddPerson("disabled", {"staff"}, true, false);
  }

  ServiceKeys MakeKeys() {
    (void)ServiceKeys::Create(folder_.File("key"), random_);
    Result<ServiceKeys> loaded = ServiceKeys::Load(folder_.File("key"));
    return std::move(*loaded);
  }
  // Of the audit alone.
  std::shared_ptr<SqlDatabase> OpenDatabase() {
    Result<std::unique_ptr<SqlDatabase>> opened = SqlDatabase::Open(folder_.File("audit.db"), 1);
    return std::move(*opened);
  }
  EngineParts Parts() {
    return {.store = store_,
            .directory = directory_,
            .audit = audit_,
            .hasher = hasher_,
            .keys = keys_,
            .random = random_,
            .clock = clock_,
            .deliver = [](const Delivery&) { return true; },
            .log = [](std::string_view) {}};
  }
  void AddPerson(const std::string& name, std::vector<std::string> groups, bool has_method,
                 bool enabled) {
    store_.InsertUser({.id = "id-" + name,
                       .username = name,
                       .display_name = {},
                       .local_account = {},
                       .language = "en",
                       .enabled = enabled,
                       .password_hash = {},
                       .groups = groups});
    directory_.Add({.id = "id-" + name,
                    .username = name,
                    .display_name = {},
                    .local_account = {},
                    .language = "en",
                    .enabled = enabled,
                    .groups = std::move(groups)},
                   "the old password of " + name);
    if (!has_method) return;
    store_.InsertMethod({.id = "mail-" + name,
                         .user_id = "id-" + name,
                         .kind = MethodKind::kEmailCode,
                         .address = name + "@example.org",
                         .sealed_secret = {}});
  }
  static Caller From() { return {.client_id = "c", .address = "192.0.2.1", .correlation_id = "x"}; }
  Reply<StartReply> Start(const std::string& name) {
    return engine_.Start(From(),
                         {.username = name, .capabilities = {}, .local_set = {}, .resume_key = {}});
  }
  std::string Started(const std::string& name) { return Value(Start(name))->continuation_token; }
  std::string Opened(const std::string& name) {
    return Value(engine_.Challenge(From(), Started(name), ""))->continuation_token;
  }
  // With the store failing at each call in turn: what is answered. Where the answer is no failure
  // any more, there are no more calls.
  template <typename Prepare, typename Call>
  std::string FailingAtEachCall(Prepare prepare, Call call) {
    std::string answers;
    for (int calls = 0; calls < 40; ++calls) {
      const std::string token = prepare();
      store_.FailNext(1, calls);
      answers += Outcome(call(token)) + " ";
      store_.FailNext(0);
    }
    EXPECT_FALSE(answers.ends_with("internal "));
    return answers;
  }

  test::ScratchFolder folder_;
  SystemRandom random_;
  FakeClock clock_;
  MemoryStore store_;
  FakeDirectory directory_;
  PasswordHasher hasher_{random_, 1};
  ServiceKeys keys_;
  std::shared_ptr<SqlDatabase> database_;
  AuditLog audit_;
  ResetEngine engine_;
};

TEST_F(SameWorkTest, Start) {
  std::map<std::string, std::string> seen;
  for (const char* name : kNames) {
    (void)Start(name);  // what is done once a minute is done
    seen[FailingAtEachCall([] { return std::string(); },
                           [&](const std::string&) { return Start(name); })] += name;
  }
  EXPECT_EQ(seen.size(), 1U) << testing::PrintToString(seen);
}

TEST_F(SameWorkTest, Challenge) {
  std::map<std::string, std::string> seen;
  for (const char* name : kNames) {
    seen[FailingAtEachCall(
        [&] {
          clock_.Advance(24 * 3600);  // no limit is met
          return Started(name);
        },
        [&](const std::string& token) { return engine_.Challenge(From(), token, ""); })] += name;
  }
  EXPECT_EQ(seen.size(), 1U) << testing::PrintToString(seen);
}

TEST_F(SameWorkTest, WrongCode) {
  std::map<std::string, std::string> seen;
  for (const char* name : kNames) {
    seen[FailingAtEachCall(
        [&] {
          clock_.Advance(24 * 3600);
          return Opened(name);
        },
        [&](const std::string& token) {
          return engine_.Continue(From(), token, MethodKind::kEmailCode, Hidden("00000000"));
        })] += name;
  }
  EXPECT_EQ(seen.size(), 1U) << testing::PrintToString(seen);
}

TEST_F(SameWorkTest, LockedMethod) {
  std::map<std::string, std::string> seen;
  for (const char* name : kNames) {
    std::string answers;
    const std::string token = Opened(name);
    for (int i = 0; i < 7; ++i) {
      const auto wrong =
          engine_.Continue(From(), token, MethodKind::kEmailCode, Hidden("00000000"));
      answers += Outcome(wrong) + " ";
    }
    answers += FailingAtEachCall(
        [&] { return Started(name); },
        [&](const std::string& fresh) { return engine_.Challenge(From(), fresh, ""); });
    seen[answers] += name;
  }
  EXPECT_EQ(seen.size(), 1U) << testing::PrintToString(seen);
  EXPECT_NE(seen.begin()->first.find("too_many_attempts"), std::string::npos);
}

TEST_F(SameWorkTest, SignIn) {
  std::map<std::string, std::string> seen;
  for (const char* name : {"member", "nobody", "disabled"}) {
    seen[FailingAtEachCall(
        [&] {
          clock_.Advance(24 * 3600);
          const auto begun = engine_.SignInInitiate(From(), name, {});
          const auto asked = engine_.SignInChallenge(From(), Value(begun)->continuation_token);
          return Value(asked)->continuation_token;
        },
        [&](const std::string& token) {
          return engine_.SignInWithPassword(From(), token, Hidden("not this one"));
        })] += name;
  }
  EXPECT_EQ(seen.size(), 1U) << testing::PrintToString(seen);
}

}  // namespace
}  // namespace sspr::service
