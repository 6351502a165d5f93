// SPDX-License-Identifier: Apache-2.0
// What is particular to Entra ID, against a strict stand-in of Microsoft Graph. What it has in
// common with every directory is in tests/contract_directory.
#include <gtest/gtest.h>

#include "tests/entra/entra_rig.h"
#include "tests/fakes/fake_directory.h"

namespace sspr::service {
namespace {

constexpr char kAda[] = "0a1b2c3d-1111-4222-8333-444455556666";
constexpr char kAdaName[] = "ada@contoso.example";
constexpr char kStrong[] = "Gravel Lantern 7 oak";

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

class EntraTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(EntraRig::Faults(), "") << "all that was asked is as Microsoft documents it";
    for (const std::string& line : world.log) {
      EXPECT_EQ(line.find(kStrong), std::string::npos) << line;
    }
  }
  SetReply Set(const char* transaction, std::string_view password = kStrong) {
    return world.entra->SetPassword(transaction, kAda, Hidden(password));
  }
  void Advance(int seconds) {
    world.clock.Advance(seconds);
    EntraStandIn().Ask("set {\"shift\":" + std::to_string(shift_ += seconds) + "}");
  }
  void Ada(const std::string& more = "") { world.AddPerson(kAda, "Ada@contoso.example", more); }
  EntraRig world;

 private:
  int shift_ = 0;
};

TEST_F(EntraTest, WhoCannotBeReset_IsDisabled) {
  constexpr std::pair<const char*, const char*> kPeople[] = {
      {"disabled", R"(,"accountEnabled":false)"},
      {"guest", R"(,"userType":"Guest")"},
      {"administrator",
       R"(,"groups":[{"@odata.type":"#microsoft.graph.group","id":"1","displayName":"staff"},
                     {"@odata.type":"#microsoft.graph.group","id":"2","displayName":"b"},
                     {"@odata.type":"#microsoft.graph.directoryRole","id":"3"}])"},
      {"group for roles",
       R"(,"groups":[{"@odata.type":"#microsoft.graph.group","id":"1","displayName":"staff",
                      "isAssignableToRole":true}])"},
      {"from premises that nobody named", R"(,"onPremisesSyncEnabled":true)"}};
  for (const auto& [who, more] : kPeople) {
    std::string line = more;
    std::erase(line, '\n');
    Ada(line);
    const auto user = world.entra->Find(kAdaName);
    ASSERT_TRUE(user.has_value()) << who;
    EXPECT_FALSE(user->enabled) << who;
  }
}

TEST_F(EntraTest, GroupsAreReadOverAllPages_ByNameAndById) {
  Ada(R"(,"groups":[{"@odata.type":"#microsoft.graph.group","id":"id-1","displayName":"staff"},)"
      R"({"@odata.type":"#microsoft.graph.administrativeUnit","id":"id-2","displayName":"unit"},)"
      R"({"@odata.type":"#microsoft.graph.group","id":"id-3","displayName":"Two Words"}])");
  const auto user = world.entra->Find(kAdaName);
  ASSERT_TRUE(user.has_value());
  EXPECT_TRUE(user->enabled);
  EXPECT_EQ(user->groups, (std::vector<std::string>{"id-1", "id-3", "staff"}));
  EntraStandIn().Ask(R"(set {"next_host":"https://graph.example.net"})");
  EXPECT_THROW(world.entra->GetFresh(kAda), StoreFailure);
}

TEST_F(EntraTest, ForNobodyAsMuchIsAsked) {
  Ada();
  EXPECT_TRUE(world.entra->Find(kAdaName).has_value());
  const int of_ada = world.Asked("GET");
  EXPECT_FALSE(world.entra->Find("nobody@contoso.example").has_value());
  EXPECT_FALSE(world.entra->Find("").has_value());
  EXPECT_EQ(world.Asked("GET"), 3 * of_ada);
}

TEST_F(EntraTest, RefusedPasswordSaysWhy_AndAnotherMayFollow) {
  Ada();
  EntraStandIn().Ask(R"(set {"banned":["contoso"]})");
  const std::pair<const char*, RefusalCode> refused[] = {
      {"gravel lantern river", RefusalCode::kPasswordTooWeak},
      {"Short 1", RefusalCode::kPasswordTooShort},
      {"Contoso Lantern 7", RefusalCode::kPasswordBanned},
      {"Broken \xC3 UTF-8", RefusalCode::kPasswordInvalid}};
  for (const auto& [password, why] : refused) {
    const SetReply reply = Set("a1", password);
    EXPECT_EQ(reply, SetOutcome::kNotSet) << password;
    EXPECT_EQ(reply.refusal, why) << password;
    EXPECT_EQ(reply.detail.find(password), std::string::npos);
  }
  EXPECT_EQ(Set("a1", "\"Quoted\\ 7 \xC3\xA4\""), SetOutcome::kSet);
  EXPECT_TRUE(world.Holds(kAda, "\"Quoted\\ 7 \xC3\xA4\""));
}

TEST_F(EntraTest, MissingPermissionIsNamed) {
  Ada();
  EntraStandIn().Ask(R"(set {"roles":["User.Read.All","GroupMember.Read.All"]})");
  EntraStandIn().Ask("revoke");
  const SetReply reply = Set("a1");
  EntraStandIn().Ask(R"(set {"roles":["User.Read.All"]})");
  EXPECT_THROW(world.entra->Find(kAdaName), StoreFailure);
  EntraStandIn().Ask(
      R"(set {"roles":["User.Read.All","GroupMember.Read.All","User-PasswordProfile.ReadWrite.All"]})");
  EXPECT_EQ(reply, SetOutcome::kNotSet);
  EXPECT_FALSE(reply.refusal.has_value());
  EXPECT_NE(reply.detail.find("403 Authorization_RequestDenied"), std::string::npos);
  EXPECT_NE(reply.detail.find("User-PasswordProfile.ReadWrite.All"), std::string::npos);
  EXPECT_EQ(world.entra->Settle("a1"), SetOutcome::kNotSet);
}

TEST_F(EntraTest, ThrottlingIsObeyed_AsLongAsAPersonWaits) {
  Ada();
  ASSERT_TRUE(world.entra->GetFresh(kAda).has_value());
  EntraStandIn().Ask(R"(plan [429, {"Retry-After": "1"}])");
  EXPECT_TRUE(world.entra->GetFresh(kAda).has_value());
  EntraStandIn().Ask(R"(plan [503, {"Retry-After": "600"}])");
  EXPECT_THROW(world.entra->GetFresh(kAda), StoreFailure);
  EXPECT_TRUE(world.entra->Get(kAda).has_value()) << "what was read a moment ago will do";
  world.entra->Announce("a1", *world.entra->Get(kAda));
  EntraStandIn().Ask(R"(plan [429, {"Retry-After": "600"}])");
  const SetReply reply = Set("a1");
  EXPECT_EQ(reply, SetOutcome::kNotSet) << "Graph has not looked at it";
  EXPECT_NE(reply.detail.find("429"), std::string::npos);
  EXPECT_EQ(Set("a2"), SetOutcome::kSet);
}

TEST_F(EntraTest, AnswerThatTellsNothing_IsSettledByTheTimeOfTheChange) {
  Ada();
  EntraStandIn().Ask(R"(set {"lost":[500]})");
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown) << "asked once";
  EXPECT_EQ(world.Asked("PATCH"), 1);
  EXPECT_EQ(world.entra->Settle("a1"), SetOutcome::kUnknown) << "it may be under way";
  Advance(120);
  EXPECT_EQ(world.Open()->Settle("a1"), SetOutcome::kSet) << "another process finds it out too";
  EXPECT_EQ(world.entra->Settle("a1"), SetOutcome::kSet);

  EntraStandIn().Ask(R"(plan [500, {}])");  // for the user who is read
  EXPECT_EQ(Set("a2"), SetOutcome::kUnknown);
  Advance(120);
  EXPECT_EQ(world.entra->Settle("a2"), SetOutcome::kNotSet);
  EXPECT_EQ(Set("a2"), SetOutcome::kNotSet) << "for good";
}

TEST_F(EntraTest, TokenThatIsTakenNoMoreIsReplaced) {
  Ada();
  EXPECT_TRUE(world.entra->Find(kAdaName).has_value());
  const int before = world.Asked("POST");
  EntraStandIn().Ask("revoke");
  EXPECT_TRUE(world.entra->Find(kAdaName).has_value());
  EXPECT_EQ(world.Asked("POST"), before + 1);
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  EXPECT_EQ(world.Asked("POST"), before + 1) << "it is kept";
}

TEST_F(EntraTest, PasswordsAreNotCompared_AndNothingIsUnlocked) {
  Ada();
  EXPECT_FALSE(world.entra->VerifiesPasswords());
  EXPECT_EQ(Set("a1"), SetOutcome::kSet);
  const Result<bool> right = world.entra->Verify(kAda, Hidden(kStrong));
  EXPECT_TRUE(right.ok() && !*right);
  EXPECT_EQ(world.entra->Unlock(kAda).error().code, Errc::kPolicy);
}

TEST_F(EntraTest, AdoptedPersonHasARow_ThatRisksFind) {
  Ada(R"(,"displayName":"Ada Example","mailNickname":"Ada")");
  ASSERT_TRUE(world.entra->Adopt(kAdaName).ok());
  const auto row = world.store->GetUser(kAda);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->username, kAdaName);
  EXPECT_EQ(row->local_account, "ada");
  EXPECT_EQ(world.risks->UserOf(kAda), kAda);
  Ada(R"(,"onPremisesSyncEnabled":true)");
  EXPECT_EQ(world.entra->Adopt(kAdaName).error().code, Errc::kPolicy);
  EXPECT_EQ(Set("a1"), SetOutcome::kNotSet);
  EXPECT_EQ(world.Asked("PATCH"), 0);
}

// objectGUID 33221100-5544-7766-8899-aabbccddeeff as the bytes 00 11 22 ... ff.
TEST_F(EntraTest, WhoIsFromThePremises_IsAskedForAndSetThere) {
  constexpr char kThere[] = "33221100554477668899aabbccddeeff";
  Ada(R"(,"onPremisesSyncEnabled":true,"onPremisesImmutableId":"ABEiM0RVZneImaq7zN3u/w==")");
  auto owned = std::make_unique<FakeDirectory>();
  FakeDirectory& premises = *owned;
  premises.Add({.id = kThere,
                .username = "ada",
                .display_name = {},
                .local_account = "ada",
                .language = {},
                .password_generation = 7},
               "old password");
  const auto entra = world.Open(std::move(owned));
  EXPECT_TRUE(entra->VerifiesPasswords());
  const auto user = entra->Find(kAdaName);
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->id, kAda);
  EXPECT_TRUE(user->enabled);
  EXPECT_EQ(user->password_generation, 7);
  EXPECT_TRUE(*entra->Verify(kAda, Hidden("old password")));
  EXPECT_TRUE(world.store->GetUser(kAda).has_value()) << "who signs in gets a row";
  EXPECT_EQ(entra->SetPassword("a1", kAda, Hidden(kStrong)), SetOutcome::kSet);
  EXPECT_TRUE(*premises.Verify(kThere, Hidden(kStrong)));
  EXPECT_EQ(entra->Settle("a1"), SetOutcome::kSet);
  EXPECT_EQ(entra->Settle("a2"), SetOutcome::kNotSet);
  EXPECT_EQ(entra->SetPassword("a2", kAda, Hidden("late")), SetOutcome::kNotSet);
  EXPECT_EQ(world.Asked("PATCH"), 0);
}

TEST(EntraPaths, QuotesAreDoubled_AndAllIsEncoded) {
  EXPECT_TRUE(
      PathOfName("o'hara@x")
          .starts_with(
              "/v1.0/users?$filter=userPrincipalName%20eq%20%27o%27%27hara%40x%27&$select=id%2C"));
}

}  // namespace
}  // namespace sspr::service
