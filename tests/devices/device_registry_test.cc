// SPDX-License-Identifier: Apache-2.0
// Tokens, enrolment, proofs and revocation, on a real database that two registries share as two
// processes do.
#include "service/devices/device_registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/permit/fixed_bytes.h"
#include "common/protocol/device_proof.h"
#include "service/engine/foundation.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

constexpr char kUrl[] = "https://reset.example.org/contoso";

class DeviceRegistryTest : public ::testing::Test {
 protected:
  DeviceRegistryTest() {
    settings_.database = folder_.File("sspr.db");
    settings_.audit_file = folder_.File("audit.jsonl");
    settings_.secrets_key_file = folder_.File("secrets.key");
    EXPECT_TRUE(CreateSecretsKey(settings_.secrets_key_file).ok());
    first_ = Open();
    second_ = Open();
    registry_ = Registry(*first_);
    other_ = Registry(*second_);
  }

  std::unique_ptr<Foundation> Open() {
    EngineDependencies dependencies;
    dependencies.clock = &clock_;
    dependencies.log = [](std::string_view) {};
    dependencies.deliver = [](Delivery) { return true; };
    auto made = LayFoundation(settings_, dependencies);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().detail);
    return std::move(made).value();
  }
  static std::unique_ptr<DeviceRegistry> Registry(Foundation& base) {
    return std::make_unique<DeviceRegistry>(*base.database, *base.store, *base.audit, base.keys,
                                            base.random, base.clock());
  }

  // A request as a device sends it.
  struct Sent {
    std::string method = "POST";
    std::string path = "/devices/v1.0/heartbeat";
    std::string body = "client_id=login";
    std::string nonce = {};
  };
  std::string ProofFor(const DeviceKey& key, const Sent& sent) {
    DeviceProver prover(Copy(key), kUrl, clock_);
    prover.TakeNonce(sent.nonce);
    return prover.Prove(sent.method, sent.path, sent.body).value();
  }
  // A key is not copied; it is written and read again.
  DeviceKey Copy(const DeviceKey& key) {
    const std::string path = folder_.File("copy-" + std::to_string(++copies_) + ".pem");
    EXPECT_TRUE(key.SaveNew(path).ok());
    return DeviceKey::Load(path).value();
  }
  std::variant<ProvenKey, ProofRefusal> Judge(DeviceRegistry& registry, const Sent& as,
                                              const std::string& proof) {
    const std::string url = kUrl + as.path;
    return registry.Prove({.method = as.method, .url = url, .body = as.body, .proof = proof});
  }
  std::string Verdict(DeviceRegistry& registry, const Sent& as, const std::string& proof) {
    const auto judged = Judge(registry, as, proof);
    if (const auto* key = std::get_if<ProvenKey>(&judged)) {
      return key->device_id.empty() ? "unknown" : "enrolled";
    }
    switch (std::get<ProofRefusal>(judged).why) {
      case ProofRefusal::Why::kInvalid:
        return "invalid";
      case ProofRefusal::Why::kNonce:
        return "nonce";
      case ProofRefusal::Why::kRevoked:
        return "revoked";
    }
    return "";
  }

  std::string Token(int uses = 1, int minutes = 60) {
    return registry_->IssueToken({.uses = uses, .minutes = minutes, .group = "kiosks"}, "test")
        .value()
        .text;
  }
  std::variant<std::string, EnrolRefusal> Enrol(const DeviceKey& key, const std::string& token,
                                                DeviceRegistry* registry = nullptr) {
    const auto& thumbprint = key.Public().thumbprint();
    const std::string id =
        ToHex({reinterpret_cast<const char*>(thumbprint.data()), thumbprint.size()});
    return (registry != nullptr ? *registry : *registry_)
        .Enrol({.token = token,
                .key = {.thumbprint = id, .jwk = key.Public().jwk(), .device_id = {}},
                .public_key = key.Public().jwk(),
                .name = "desk 7",
                .os = "debian 12",
                .versions = "flow=1",
                .address = "192.0.2.7",
                .correlation_id = {}});
  }
  static DeviceKey NewKey(DeviceKeyKind kind = DeviceKeyKind::kP256) {
    return std::move(DeviceKey::Generate(kind)).value();
  }
  void SetPolicy(const char* key, const char* value) {
    EXPECT_TRUE(MakeAdmin(*first_)->SetPolicy(key, value).ok());
  }

  test::ScratchFolder folder_;
  FakeClock clock_;
  EngineSettings settings_;
  int copies_ = 0;
  std::unique_ptr<Foundation> first_;
  std::unique_ptr<Foundation> second_;
  std::unique_ptr<DeviceRegistry> registry_;
  std::unique_ptr<DeviceRegistry> other_;
};

bool Done(const std::variant<std::string, EnrolRefusal>& tried) {
  return std::holds_alternative<std::string>(tried);
}

TEST_F(DeviceRegistryTest, ATokenEnrolsAsManyDevicesAsItIsFor) {
  const std::string token = Token(2);
  const DeviceKey a = NewKey();
  const DeviceKey b = NewKey(DeviceKeyKind::kEd25519);
  EXPECT_TRUE(Done(Enrol(a, token)));
  EXPECT_TRUE(Done(Enrol(a, token, other_.get()))) << "the answer was lost: nothing is used up";
  EXPECT_TRUE(Done(Enrol(b, token)));
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(NewKey(), token)), EnrolRefusal::kBadToken);
  EXPECT_EQ(registry_->List()->size(), 2U);
  EXPECT_EQ(registry_->List()->front().group, "kiosks");
  EXPECT_EQ(folder_.Read("sspr.db").find(token), std::string::npos) << "kept as a digest";
}

TEST_F(DeviceRegistryTest, ParallelEnrolmentsUseATokenOnce) {
  const std::string token = Token(3);
  std::vector<DeviceKey> keys;
  for (int i = 0; i < 8; ++i) keys.push_back(NewKey(DeviceKeyKind::kEd25519));
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    threads.emplace_back([&, i] {
      if (Done(Enrol(keys[i], token, i % 2 == 0 ? registry_.get() : other_.get()))) ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 3);
}

TEST_F(DeviceRegistryTest, TokensExpireAndAreTakenBack) {
  const std::string old = Token(1, 10);
  clock_.Advance(601);
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(NewKey(), old)), EnrolRefusal::kBadToken);
  const std::string removed = Token(5);
  ASSERT_TRUE(registry_->RemoveToken(registry_->ListTokens()->front().id, "test").ok());
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(NewKey(), removed)), EnrolRefusal::kBadToken);
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(NewKey(), "")), EnrolRefusal::kBadToken);
  EXPECT_FALSE(registry_->IssueToken({.uses = 0, .minutes = 60, .group = {}}, "test").ok());
  EXPECT_FALSE(registry_->IssueToken({.uses = 1, .minutes = 43201, .group = {}}, "test").ok());
  EXPECT_FALSE(registry_->IssueToken({.uses = 1, .minutes = 60, .group = "a b"}, "test").ok());
}

TEST_F(DeviceRegistryTest, GuessingTokensIsLimitedByNetwork) {
  for (int i = 0; i < 50; ++i) (void)Enrol(NewKey(DeviceKeyKind::kEd25519), "guess");
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(NewKey(), Token())), EnrolRefusal::kTooMany);
  clock_.Advance(3600);
  EXPECT_TRUE(Done(Enrol(NewKey(), Token())));
}

TEST_F(DeviceRegistryTest, ARequestIsKnownByItsProof) {
  for (const DeviceKeyKind kind : {DeviceKeyKind::kP256, DeviceKeyKind::kEd25519}) {
    const DeviceKey key = NewKey(kind);
    EXPECT_EQ(Verdict(*registry_, {}, ProofFor(key, {})), "unknown");
    ASSERT_TRUE(Done(Enrol(key, Token())));
    EXPECT_EQ(Verdict(*registry_, {}, ProofFor(key, {})), "enrolled");
  }
}

TEST_F(DeviceRegistryTest, AProofIsOfOneRequest) {
  const DeviceKey key = NewKey();
  ASSERT_TRUE(Done(Enrol(key, Token())));
  EXPECT_EQ(Verdict(*registry_, {.method = "GET"}, ProofFor(key, {})), "invalid");
  EXPECT_EQ(Verdict(*registry_, {.path = "/risk/v1.0/signin"}, ProofFor(key, {})), "invalid");
  EXPECT_EQ(Verdict(*registry_, {.body = "client_id=login&x=1"}, ProofFor(key, {})), "invalid");
  EXPECT_EQ(Verdict(*registry_, {}, ""), "invalid");
  EXPECT_EQ(Verdict(*registry_, {}, std::string(5000, 'a')), "invalid");
}

TEST_F(DeviceRegistryTest, AProofIsGoodOnceForAllProcesses) {
  const DeviceKey key = NewKey();
  const std::string proof = ProofFor(key, {});
  EXPECT_EQ(Verdict(*registry_, {}, proof), "unknown");
  EXPECT_EQ(Verdict(*registry_, {}, proof), "invalid");
  EXPECT_EQ(Verdict(*other_, {}, proof), "invalid");

  const std::string raced = ProofFor(key, {});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (Verdict(i % 2 == 0 ? *registry_ : *other_, {}, raced) == "unknown") ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
}

TEST_F(DeviceRegistryTest, AnOldProofIsAskedForANonceAndAClockThatIsWrongDoesNoHarm) {
  const DeviceKey key = NewKey();
  const std::string early = ProofFor(key, {});
  clock_.Advance(121);
  EXPECT_EQ(Verdict(*registry_, {}, early), "nonce");
  const std::string nonce = registry_->FreshNonce();
  EXPECT_EQ(other_->FreshNonce(), nonce);
  const std::string proof = ProofFor(key, {.nonce = nonce});
  clock_.Advance(250);  // of the machine, seen from here
  EXPECT_EQ(Verdict(*registry_, {}, proof), "unknown");
  EXPECT_EQ(Verdict(*other_, {}, proof), "invalid") << "used";
  const std::string late = ProofFor(key, {.nonce = nonce});
  clock_.Advance(600);
  EXPECT_EQ(Verdict(*registry_, {}, late), "nonce") << "too old a nonce";
  EXPECT_EQ(Verdict(*registry_, {}, ProofFor(key, {.nonce = "of-my-own"})), "nonce");
}

TEST_F(DeviceRegistryTest, ThePolicyMayAskEveryProofForANonce) {
  const DeviceKey key = NewKey();
  SetPolicy("devices.nonce", "on");
  EXPECT_EQ(Verdict(*registry_, {}, ProofFor(key, {})), "nonce");
  const std::string nonce = registry_->FreshNonce();
  EXPECT_EQ(Verdict(*registry_, {}, ProofFor(key, {.nonce = nonce})), "unknown");
}

TEST_F(DeviceRegistryTest, ARevokedDeviceIsRefusedAtOnceAndItsKeyForGood) {
  const DeviceKey key = NewKey();
  const std::string id = std::get<std::string>(Enrol(key, Token()));
  ASSERT_TRUE(registry_->Revoke(id.substr(0, 10), "lost", "test").ok());
  EXPECT_EQ(Verdict(*other_, {}, ProofFor(key, {})), "revoked");
  EXPECT_EQ(std::get<EnrolRefusal>(Enrol(key, Token())), EnrolRefusal::kRevoked);
  EXPECT_FALSE(registry_->Revoke(id, "", "test").ok()) << "it is already";
  EXPECT_EQ(registry_->Show(id)->revoked_because, "lost");
  ASSERT_TRUE(registry_->Remove(id, "test").ok());
  EXPECT_EQ(Verdict(*other_, {}, ProofFor(key, {})), "unknown");
  const std::string audit = folder_.Read("audit.jsonl");
  for (const char* const event :
       {"admin.device.token", "device.enrol", "admin.device.revoke", "admin.device.remove"}) {
    EXPECT_NE(audit.find(event), std::string::npos) << event;
  }
}

TEST_F(DeviceRegistryTest, AnotherKeyThanThatOfTheProofIsNotEnrolled) {
  const DeviceKey mine = NewKey();
  const DeviceKey others = NewKey();
  const std::string token = Token();
  const auto tried = registry_->Enrol(
      {.token = token,
       .key = {.thumbprint = std::string(64, 'a'), .jwk = mine.Public().jwk(), .device_id = {}},
       .public_key = others.Public().jwk(),
       .name = "x",
       .os = {},
       .versions = {},
       .address = "192.0.2.7",
       .correlation_id = {}});
  EXPECT_EQ(std::get<EnrolRefusal>(tried), EnrolRefusal::kMalformed);
  EXPECT_TRUE(Done(Enrol(mine, token))) << "nothing was used up";
}

TEST_F(DeviceRegistryTest, HeartbeatsThatGoBackRaiseASuspicion) {
  const DeviceKey key = NewKey();
  const std::string id = std::get<std::string>(Enrol(key, Token()));
  const auto beat = [&](std::int64_t sequence) {
    return registry_->TakeHeartbeat({.device_id = id,
                                     .os = "debian 13",
                                     .versions = {},
                                     .sequence = sequence,
                                     .address = "192.0.2.7",
                                     .correlation_id = {}});
  };
  ASSERT_TRUE(beat(1).ok());
  ASSERT_TRUE(beat(2).ok());
  EXPECT_EQ(registry_->Show(id)->suspected_at, 0);
  ASSERT_TRUE(beat(2).ok());
  EXPECT_EQ(registry_->Show(id)->suspected_at, clock_.Now());
  EXPECT_EQ(registry_->Show(id)->os, "debian 13");
  EXPECT_EQ(registry_->Show(id)->versions, "flow=1");
  EXPECT_NE(folder_.Read("audit.jsonl").find("device.suspected"), std::string::npos);
}

}  // namespace
}  // namespace sspr::service
