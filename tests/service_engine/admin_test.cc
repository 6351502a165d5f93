// SPDX-License-Identifier: Apache-2.0
// What an administrator may do, and what is refused with a sentence.
#include <gtest/gtest.h>

#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class AdminTest : public testing::Test {
 protected:
  Errc Code(const Status& status) {
    EXPECT_FALSE(status.ok());
    return status.ok() ? Errc::kInternal : status.error().code;
  }
  EngineWorld world;
};

TEST_F(AdminTest, UserIsAdded_ShownListedChangedDeleted) {
  const auto made = world.admin().AddUser({.username = "alice@example.org",
                                           .display_name = "Alice Example",
                                           .local_account = {},
                                           .language = "de"});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->local_account, "alice") << "the part before '@'";
  EXPECT_FALSE(made->has_password);
  ASSERT_TRUE(world.admin().SetLocalAccount("alice@example.org", "asmith").ok());
  ASSERT_TRUE(world.admin().SetDisplayName("alice@example.org", "Älice").ok());
  ASSERT_TRUE(world.admin().SetLanguage("alice@example.org", "en").ok());
  ASSERT_TRUE(world.admin().SetEnabled("alice@example.org", false).ok());
  const auto shown = world.admin().ShowUser("ALICE@example.org");
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(shown->local_account, "asmith");
  EXPECT_EQ(shown->display_name, "Älice");
  EXPECT_EQ(shown->language, "en");
  EXPECT_FALSE(shown->enabled);
  EXPECT_EQ(world.admin().ListUsers()->size(), 1U);
  ASSERT_TRUE(world.admin().DeleteUser("alice@example.org").ok());
  EXPECT_EQ(Code(world.admin().DeleteUser("alice@example.org")), Errc::kDenied);
}

TEST_F(AdminTest, NamesAndTextsThatDoNotFitAreRefused) {
  for (const std::string& name :
       {std::string(), std::string("Alice"), std::string("-a"), std::string(".a"),
        std::string("a b"), std::string("a\nb"), std::string(65, 'a'), std::string("\xC3\xA4"),
        std::string("a\\b"), std::string("a/b")}) {
    const auto made = world.admin().AddUser(
        {.username = name, .display_name = {}, .local_account = {}, .language = {}});
    ASSERT_FALSE(made.ok()) << name;
    EXPECT_EQ(made.error().code, Errc::kPolicy) << name;
  }
  world.AddUser("alice");
  EXPECT_EQ(Code(world.admin().SetDisplayName("alice", "two\nlines")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetDisplayName("alice", "esc\x1b[0m")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetLanguage("alice", "xx")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetLocalAccount("alice", "ro:ot")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetLocalAccount("alice", std::string(65, 'a'))), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetEnabled("nobody", false)), Errc::kDenied);
  const auto again = world.admin().AddUser(
      {.username = "alice", .display_name = {}, .local_account = {}, .language = {}});
  EXPECT_EQ(again.error().code, Errc::kDenied);
}

TEST_F(AdminTest, AddressesThatAMailProgramCouldMisreadAreRefused) {
  world.AddUser("alice");
  for (const char* address : {"",
                              "alice",
                              "@example.org",
                              "alice@",
                              "a@b@c",
                              "a b@example.org",
                              "a@exa mple.org",
                              "a@example.org\r\nBcc: x@evil.example",
                              "<a@example.org>",
                              "a@example.org,b@evil.example",
                              "\"a\"@example.org",
                              "-a@example.org",
                              ".a@example.org",
                              "a..b@example.org",
                              "a@-x.org",
                              "a@x-.org",
                              "a@x..org",
                              "a@x.org.",
                              "a@\xC3\xA4.org",
                              "a@[127.0.0.1]"}) {
    const auto added = world.admin().AddEmail("alice", address);
    ASSERT_FALSE(added.ok()) << address;
    EXPECT_EQ(added.error().code, Errc::kPolicy) << address;
  }
  EXPECT_FALSE(world.admin().AddEmail("alice", std::string(300, 'a') + "@example.org").ok());
  EXPECT_EQ(world.admin().AddEmail("alice", "alice@example.org").error().code, Errc::kDenied);
  EXPECT_TRUE(world.admin().AddEmail("alice", "a.b+c_d@mail.example.co.uk").ok());
}

TEST_F(AdminTest, PasswordIsHeldToThePolicy) {
  world.AddUser("alice");
  const Status weak = world.admin().SetPassword("alice", Hidden("short"));
  ASSERT_FALSE(weak.ok());
  EXPECT_EQ(weak.error().code, Errc::kPolicy);
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
}

TEST_F(AdminTest, MethodsAreRemovedByTheirOwnersNameOnly) {
  world.AddUser("alice");
  world.AddUser("bob");
  const std::string id = world.admin().ListMethods("alice")->at(0).id;
  EXPECT_EQ(Code(world.admin().RemoveMethod("bob", id)), Errc::kDenied);
  EXPECT_TRUE(world.admin().RemoveMethod("alice", id).ok());
  EXPECT_TRUE(world.admin().ListMethods("alice")->empty());
}

TEST_F(AdminTest, UnlockForgetsFailures) {
  world.AddUser("alice");
  const std::string token = world.OpenEmail("alice");
  for (int i = 0; i < 6; ++i) {
    (void)world.engine().Continue(world.From(), token, MethodKind::kEmailCode, Hidden("00000000"));
  }
  ASSERT_TRUE(world.admin().Unlock("alice").ok());
  EXPECT_NE(world.Prove("alice"), "");
}

TEST_F(AdminTest, EveryPolicyKeyTakesItsBounds_AndNothingOutside) {
  const auto entries = world.admin().ListPolicy();
  ASSERT_TRUE(entries.ok());
  EXPECT_GE(entries->size(), 17U);
  for (const PolicyEntry& entry : *entries) {
    EXPECT_EQ(entry.value, entry.default_value) << entry.key;
    EXPECT_FALSE(entry.help.empty()) << entry.key;
    const bool is_text = entry.default_value.empty();
    for (const char* bad :
         {is_text ? "two\nlines" : "", "-1", "999999", "1x", " 1", "0x1", "yes", "1e3"}) {
      EXPECT_EQ(Code(world.admin().SetPolicy(entry.key, bad)), Errc::kPolicy)
          << entry.key << "=" << bad;
      if (is_text) break;
    }
    EXPECT_TRUE(world.admin().SetPolicy(entry.key, entry.default_value).ok()) << entry.key;
  }
  EXPECT_EQ(Code(world.admin().SetPolicy("no.such.key", "1")), Errc::kDenied);
  EXPECT_FALSE(world.admin().GetPolicy("audit.end").ok());
}

TEST_F(AdminTest, PolicyThatContradictsItselfIsRefused) {
  EXPECT_TRUE(world.admin().SetPolicy("methods.authenticator", "off").ok());
  EXPECT_TRUE(world.admin().SetPolicy("methods.recovery_code", "off").ok());
  EXPECT_EQ(Code(world.admin().SetPolicy("methods.email", "off")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetPolicy("required_gates", "2")), Errc::kPolicy);
  EXPECT_EQ(Code(world.admin().SetPolicy("password.min_length", "7")), Errc::kPolicy);
  EXPECT_TRUE(world.admin().SetPolicy("password.min_length", "8").ok());
  EXPECT_EQ(world.admin().GetPolicy("password.min_length")->value, "8");
}

TEST_F(AdminTest, ClientsAreAddedChangedRemoved_AndUnknownOnesGetNothing) {
  EXPECT_EQ(world.admin().ListClients()->size(), 2U);
  EXPECT_FALSE(world.admin().PutClient({.client_id = "a b", .concealment = true}).ok());
  ASSERT_TRUE(world.admin().RemoveClient(kClient).ok());
  EXPECT_EQ(Code(world.admin().RemoveClient(kClient)), Errc::kDenied);
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "invalid_client");
  EXPECT_EQ(Outcome(world.engine().SignInInitiate(world.From(), "alice", {})), "invalid_client");
  EXPECT_EQ(Outcome(world.engine().Policy(world.From(), "")), "invalid_client");
}

TEST_F(AdminTest, EveryChangeIsInTheAudit) {
  world.AddUser("alice");
  world.SetPolicy("required_gates", "1");
  const std::string text = world.AuditText();
  for (const char* event : {"admin.user.add", "admin.user.password", "admin.method.add",
                            "admin.policy", "admin.client.put"}) {
    EXPECT_NE(text.find(event), std::string::npos) << event;
  }
  EXPECT_EQ(text.find(kOldPassword), std::string::npos);
}

TEST_F(AdminTest, FilesThatAreMissingOrOpenToOthersAreNamed) {
  EngineSettings settings = world.settings();
  const EngineDependencies dependencies{.clock = &world.clock(), .deliver = {}, .log = {}};
  settings.secrets_key_file = world.folder().File("no-such-key");
  const auto missing = LayFoundation(settings, dependencies);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().detail.find("no-such-key"), std::string::npos);
  EXPECT_EQ(Code(CreateSecretsKey(world.settings().secrets_key_file)), Errc::kDenied)
      << "a key is never overwritten";
  settings = world.settings();
  settings.permit_key_file = world.folder().File("no-such-permit-key");
  const auto keyless = LayFoundation(settings, dependencies);
  ASSERT_TRUE(keyless.ok()) << "an administrator signs no permits";
  EXPECT_FALSE(MakeFlows(**keyless).ok());
}

}  // namespace
}  // namespace sspr::service
