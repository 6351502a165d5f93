// SPDX-License-Identifier: Apache-2.0
// The key of an enrolled computer and what is written down of it. The key storage is the tests' own
// (ncrypt_standin.cc); what is signed is looked at with Wine's BCrypt.
#include <gtest/gtest.h>
#include <json/value.h>
#include <windows.h>
// After windows.h.
#include <bcrypt.h>
#include <sddl.h>

#include <array>
#include <cstring>

#include "common/base/clock.h"
#include "common/client/resume_key.h"
#include "common/protocol/base64url.h"
#include "common/protocol/device_proof.h"
#include "common/protocol/jws_text.h"
#include "credprov_win/machine/enrolment_record.h"
#include "credprov_win/machine/resume_secret.h"

namespace sspr {
namespace {

constexpr char kName[] = "SSPR Login device of a test";

struct FixedClock final : Clock {
  UnixSeconds Now() const override { return 1'700'000'000; }
  std::chrono::milliseconds Monotonic() const override { return std::chrono::milliseconds(1); }
};

bool Verifies(const Json::Value& jwk, std::string_view message, std::string signature) {
  BCRYPT_ECCKEY_BLOB head{BCRYPT_ECDSA_PUBLIC_P256_MAGIC, 32};
  std::array<unsigned char, sizeof head + 64> blob{};
  std::memcpy(blob.data(), &head, sizeof head);
  const std::span<unsigned char> point = std::span(blob).subspan(sizeof head);
  if (!FromBase64Url(jwk["x"].asString(), point.first(32)) ||
      !FromBase64Url(jwk["y"].asString(), point.last(32))) {
    return false;
  }
  BCRYPT_ALG_HANDLE algorithm = nullptr;
  BCRYPT_KEY_HANDLE key = nullptr;
  auto digest = DigestOf(message);
  if (!digest ||
      BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_ECDSA_P256_ALGORITHM, nullptr, 0) != 0 ||
      BCryptImportKeyPair(algorithm, nullptr, BCRYPT_ECCPUBLIC_BLOB, &key, blob.data(), blob.size(),
                          0) != 0) {
    return false;
  }
  const NTSTATUS done = BCryptVerifySignature(
      key, nullptr, digest->data(), static_cast<ULONG>(digest->size()),
      reinterpret_cast<UCHAR*>(signature.data()), static_cast<ULONG>(signature.size()), 0);
  BCryptDestroyKey(key);
  BCryptCloseAlgorithmProvider(algorithm, 0);
  return done == 0;
}

class DeviceKeyInCng : public testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    ASSERT_TRUE(DeviceKey::RemoveStored(kName).ok());
    ASSERT_TRUE(RemoveEnrolmentRecord().ok());
  }
};

TEST_F(DeviceKeyInCng, IsFoundAgainAndNotMadeTwice) {
  const Result<DeviceKey> none = DeviceKey::Load(kName);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, Errc::kUnreachable);
  const Result<DeviceKey> made = DeviceKey::MakeStored(kName);
  ASSERT_TRUE(made.ok()) << made.error().detail;
  const Result<DeviceKey> found = DeviceKey::Load(kName);
  ASSERT_TRUE(found.ok()) << found.error().detail;
  EXPECT_EQ(found->Public().jwk(), made->Public().jwk());
  EXPECT_EQ(found->Public().thumbprint(), made->Public().thumbprint());
  EXPECT_EQ(DigestOf(found->Public().jwk()), found->Public().thumbprint());
  EXPECT_FALSE(DeviceKey::MakeStored(kName).ok());
}

TEST_F(DeviceKeyInCng, IsGoneWhenItWasRemoved) {
  ASSERT_TRUE(DeviceKey::MakeStored(kName).ok());
  ASSERT_TRUE(DeviceKey::RemoveStored(kName).ok());
  EXPECT_FALSE(DeviceKey::Load(kName).ok());
}

TEST_F(DeviceKeyInCng, ProvesARequest) {
  Result<DeviceKey> made = DeviceKey::MakeStored(kName);
  ASSERT_TRUE(made.ok()) << made.error().detail;
  const FixedClock clock;
  const DeviceProver prover(std::move(made).value(), "https://sspr.example/t", clock);
  const Result<std::string> first = prover.Prove("POST", "/resetpassword/v1.0/start", "a=b");
  const Result<std::string> second = prover.Prove("POST", "/resetpassword/v1.0/start", "a=b");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  const Result<JwsText> proof = ReadJws(*first);
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->header["alg"].asString(), "ES256");
  EXPECT_EQ(proof->header["typ"].asString(), "dpop+jwt");
  EXPECT_EQ(proof->claims["htu"].asString(), "https://sspr.example/t/resetpassword/v1.0/start");
  EXPECT_EQ(proof->claims["iat"].asInt64(), clock.Now());
  EXPECT_EQ(proof->claims["body_sha256"].asString(), Base64Url(*DigestOf("a=b")));
  EXPECT_TRUE(Verifies(proof->header["jwk"], proof->signed_text, proof->signature));
  EXPECT_FALSE(
      Verifies(proof->header["jwk"], std::string(proof->signed_text) + "x", proof->signature));
}

TEST_F(DeviceKeyInCng, IsThatOfTheRecord) {
  Result<std::optional<DeviceKey>> key = LoadEnrolledKey();
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key->has_value());
  ASSERT_TRUE(WriteEnrolmentRecord({.key = "", .proposed = kName, .heartbeats = 0}).ok());
  EXPECT_EQ(ReadEnrolmentRecord().proposed, kName);
  key = LoadEnrolledKey();  // a proposal is none yet
  ASSERT_TRUE(key.ok());
  EXPECT_FALSE(key->has_value());
  ASSERT_TRUE(WriteEnrolmentRecord({.key = kName, .proposed = "", .heartbeats = 7}).ok());
  const EnrolmentRecord record = ReadEnrolmentRecord();
  EXPECT_EQ(record.key, kName);
  EXPECT_EQ(record.proposed, "");
  EXPECT_EQ(record.heartbeats, 7u);
  key = LoadEnrolledKey();  // written down, and not there
  EXPECT_FALSE(key.ok());
  ASSERT_TRUE(DeviceKey::MakeStored(kName).ok());
  key = LoadEnrolledKey();
  ASSERT_TRUE(key.ok()) << key.error().detail;
  EXPECT_TRUE(key->has_value());
}

// Value by Python's hmac; the same on Linux.
TEST(ResumeSecret, MakesTheKeyOfUserAndTerminal) {
  Secret secret;
  for (char byte = 0; byte < 32; ++byte) ASSERT_TRUE(secret.Append({&byte, 1}));
  EXPECT_EQ(Hex(ResumeKey(secret, "CORP\\alice", "console")),
            "e6ab6a6edeaa16af44e773bcc718eaeb7ad72ad92c953ed7ecba425d99e4c6aa");
  EXPECT_TRUE(ResumeKey(secret, "CORP\\alice", "").empty());
}

TEST(ResumeSecret, IsMadeOnceAndReadByNobodyElse) {
  ASSERT_TRUE(RemoveResumeSecret().ok());
  EXPECT_FALSE(ReadResumeSecret(kResumeSecretKey).has_value());
  ASSERT_TRUE(MakeResumeSecret().ok());
  const auto first = ReadResumeSecret(kResumeSecretKey);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->size(), kResumeKeyBytes);
  ASSERT_TRUE(MakeResumeSecret().ok());
  const auto second = ReadResumeSecret(kResumeSecretKey);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(first->SameAs(*second));

  HKEY key = nullptr;
  ASSERT_EQ(
      RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\SSPR Login\\Resume", 0, READ_CONTROL, &key),
      ERROR_SUCCESS);
  std::array<unsigned char, 1024> descriptor{};
  DWORD size = descriptor.size();
  ASSERT_EQ(RegGetKeySecurity(key, DACL_SECURITY_INFORMATION, descriptor.data(), &size),
            ERROR_SUCCESS);
  RegCloseKey(key);
  LPWSTR text = nullptr;
  ASSERT_TRUE(ConvertSecurityDescriptorToStringSecurityDescriptorW(
      descriptor.data(), SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, nullptr));
  const std::wstring list = text;
  LocalFree(text);
  EXPECT_EQ(list, L"D:P(A;;KA;;;SY)(A;;KA;;;BA)(A;;KR;;;LS)");
  ASSERT_TRUE(RemoveResumeSecret().ok());
}

}  // namespace
}  // namespace sspr
