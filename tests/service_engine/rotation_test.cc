// SPDX-License-Identifier: Apache-2.0
// Rotation of the secrets key: everything stays usable before, during and behind it, a rotation
// that was cut off is finished by the next, and what is found by a digest is found as before.
#include <gtest/gtest.h>

#include <filesystem>

#include "service/engine/secret_rotation.h"
#include "service/store/sealed_table.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class RotationTest : public testing::Test {
 protected:
  RotationTest() {
    world.AddUser("alice");
    world.AddApp("alice");
    auto made = world.admin().MakeRecoveryCodes("alice");
    EXPECT_TRUE(made.ok());
    for (const auto& code : made->codes) codes.emplace_back(code.Reveal());
    auto laid =
        LayFoundation(world.settings(), {.clock = &world.clock(), .deliver = {}, .log = {}});
    foundation = std::move(*laid);
  }

  Result<RotationProgress> Rotate(int batches = 1000) {
    return RotateSecrets(*foundation,
                         [&batches](const RotationProgress&) { return --batches > 0; });
  }
  // What passed the gate.
  std::string Prove(MethodKind kind, const std::string& code) {
    auto opened = world.Open("alice", kind);
    if (Value(opened) == nullptr) return Outcome(opened);
    return Outcome(world.engine().Continue(world.From(), Value(opened)->continuation_token, kind,
                                           Hidden(code)));
  }
  std::string ProveByApp() {
    world.clock().Advance(60);
    return Prove(MethodKind::kAuthenticatorCode, world.AppCode("alice"));
  }
  std::int64_t NotYet(int key) {
    SealedTable table(*foundation->database);
    std::int64_t others = 0;
    for (const SealedColumn& column : kSealedColumns) {
      others += table.CountOthers(column, ServiceKeys::MarkOf(key));
    }
    return others;
  }

  EngineWorld world;
  std::unique_ptr<Foundation> foundation;
  std::vector<std::string> codes;
};

TEST_F(RotationTest, TheRunningServiceGoesOn_WithEverythingThatWasSealedBefore) {
  EXPECT_EQ(ProveByApp(), "ok");
  const auto rotated = Rotate();
  ASSERT_TRUE(rotated.ok()) << rotated.error().detail;
  EXPECT_EQ(rotated->key, 2);
  EXPECT_TRUE(rotated->is_new);
  EXPECT_EQ(rotated->done, 11);  // the app and ten recovery codes
  EXPECT_EQ(NotYet(2), 0);
  EXPECT_EQ(ProveByApp(), "ok");
  EXPECT_EQ(Prove(MethodKind::kRecoveryCode, codes[0]), "ok");
  EXPECT_NE(Prove(MethodKind::kRecoveryCode, codes[0]), "ok");
  // What it seals from now on has the new key.
  world.AddUser("bob");
  world.AddApp("bob");
  EXPECT_EQ(NotYet(2), 0);
  ASSERT_TRUE(ForgetOldSecretsKeys(*foundation).ok());
  world.Restart();
  EXPECT_EQ(ProveByApp(), "ok");
  EXPECT_EQ(Prove(MethodKind::kRecoveryCode, codes[1]), "ok");
}

TEST_F(RotationTest, ARotationThatWasCutOffIsGoneOnWith_AndHalfOfItWorks) {
  ASSERT_TRUE(Rotate(1).ok());  // one batch of the first column
  EXPECT_GT(NotYet(2), 0);
  EXPECT_EQ(ProveByApp(), "ok");
  EXPECT_EQ(Prove(MethodKind::kRecoveryCode, codes[0]), "ok");
  EXPECT_FALSE(ForgetOldSecretsKeys(*foundation).ok());
  const auto again = Rotate();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->key, 2);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(NotYet(2), 0);
  EXPECT_EQ(Rotate()->key, 3);
  EXPECT_EQ(Prove(MethodKind::kRecoveryCode, codes[1]), "ok");
}

TEST_F(RotationTest, APreparedKeyIsCopiedBeforeItSeals) {
  ASSERT_TRUE(PrepareSecretsKey(*foundation).ok());
  EXPECT_FALSE(PrepareSecretsKey(*foundation).ok());
  world.AddUser("bob");
  world.AddApp("bob");
  auto uses = SecretsKeyUse(*foundation);
  ASSERT_EQ(uses->size(), 2U);
  EXPECT_EQ((*uses)[0].values, 12);
  EXPECT_FALSE((*uses)[1].key.is_active);
  const auto rotated = Rotate();
  EXPECT_EQ(rotated->key, 2);
  uses = SecretsKeyUse(*foundation);
  EXPECT_EQ((*uses)[0].values, 0);
  EXPECT_EQ((*uses)[1].values, 12);
}

TEST_F(RotationTest, LimitsSurvive) {
  for (int i = 0; i < 6; ++i) (void)Prove(MethodKind::kAuthenticatorCode, "000000");
  const std::string before = Prove(MethodKind::kAuthenticatorCode, "000000");
  ASSERT_TRUE(Rotate().ok());
  world.Restart();
  EXPECT_EQ(Prove(MethodKind::kAuthenticatorCode, "000000"), before);
  EXPECT_EQ(before, "too_many_attempts");
}

TEST_F(RotationTest, CodesAreNotThere_AsHashesThatSomebodyCouldTry) {
  SealedTable table(*foundation->database);
  EXPECT_EQ(table.Count(kSealedColumns[1]), 10);
  EXPECT_EQ(table.CountOthers(kSealedColumns[1], "%$argon2id$%"), 10);
}

TEST_F(RotationTest, TheFileIsPrivate_AndADamagedOneIsRefused) {
  ASSERT_TRUE(Rotate().ok());
  EXPECT_EQ(ProveByApp(), "ok");
  const std::string path = world.settings().secrets_key_file;
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string good = world.folder().Read("secrets.key");
  for (const std::string& bad :
       {good.substr(0, good.size() - 10), "x" + good, good + "seal 2 active 00\n",
        good + "nonsense\n", std::string("sspr-secrets 2\n"), std::string()}) {
    world.folder().Write("secrets.key", bad);
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    EXPECT_FALSE(ServiceKeys::Load(path).ok()) << bad;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  // The running service keeps what it knows.
  EXPECT_EQ(ProveByApp(), "ok");
}

}  // namespace
}  // namespace sspr::service
