// SPDX-License-Identifier: Apache-2.0
// Keys of devices and the proofs that they sign: published vectors, and what must not pass.
#include "common/protocol/device_proof.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include "common/protocol/base64url.h"
#include "tests/fakes/fake_clock.h"

namespace sspr {
namespace {

constexpr char kBase[] = "https://reset.example.org/contoso";

std::string FolderFile(const char* name) {
  return ::testing::TempDir() + "sspr-device-" + std::to_string(::getpid()) + "-" + name;
}

DeviceKey Made(DeviceKeyKind kind) {
  Result<DeviceKey> key = DeviceKey::Generate(kind);
  EXPECT_TRUE(key.ok());
  return std::move(key).value();
}

std::string Proof(const DeviceKey& key, const char* body = "client_id=login") {
  const auto digest = DigestOf(body);
  const Result<std::string> proof = SignProof(key, {.method = "POST",
                                                    .url = std::string(kBase) + "/x",
                                                    .id = "0123456789abcdef",
                                                    .issued_at = 1'790'000'000,
                                                    .nonce = {},
                                                    .body_digest = digest.value_or(Thumbprint{})});
  EXPECT_TRUE(proof.ok());
  return *proof;
}

class BothKinds : public ::testing::TestWithParam<DeviceKeyKind> {};
INSTANTIATE_TEST_SUITE_P(DeviceProof, BothKinds,
                         ::testing::Values(DeviceKeyKind::kP256, DeviceKeyKind::kEd25519));

// RFC 8037, appendix A.3.
TEST(DeviceKeyTest, ThumbprintOfThePublishedEd25519Key) {
  const auto key = DevicePublicKey::FromJwkText(
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Base64Url(key->thumbprint()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// RFC 9449, 4.2 and 6.1: its key, and the thumbprint of it.
TEST(DeviceKeyTest, ThumbprintOfThePublishedP256Key) {
  const auto key = DevicePublicKey::FromJwkText(
      R"({"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",)"
      R"("y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"})");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Base64Url(key->thumbprint()), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

// RFC 9449, 4.1: signed by others, it is opened up to what it lacks for us.
TEST(DeviceProofTest, ThePublishedProofIsSignedByItsKey) {
  const std::string proof =
      "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNo"
      "UklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERW"
      "clUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
      "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0"
      "dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-"
      "GxA6T8lP4vfrg8v-"
      "FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
  const auto opened = OpenProof(proof);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().detail, "a claim of the proof is missing or malformed");  // of the body
  std::string damaged = proof;
  damaged[damaged.size() - 4] = damaged[damaged.size() - 4] == 'A' ? 'B' : 'A';
  EXPECT_EQ(OpenProof(damaged).error().detail, "the signature is not that of the key");
}

TEST_P(BothKinds, AProofSaysWhatWasSigned) {
  const DeviceKey key = Made(GetParam());
  const auto opened = OpenProof(Proof(key));
  ASSERT_TRUE(opened.ok()) << opened.error().detail;
  EXPECT_EQ(opened->key.thumbprint(), key.Public().thumbprint());
  EXPECT_EQ(opened->claims.method, "POST");
  EXPECT_EQ(opened->claims.url, std::string(kBase) + "/x");
  EXPECT_EQ(opened->claims.issued_at, 1'790'000'000);
  EXPECT_EQ(opened->claims.body_digest, DigestOf("client_id=login"));
}

// Every bit of header, claims and signature.
TEST_P(BothKinds, NoFlippedBitPasses) {
  const std::string proof = Proof(Made(GetParam()));
  int passed = 0;
  for (std::size_t at = 0; at < proof.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = proof;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      passed += OpenProof(flipped).ok() ? 1 : 0;
    }
  }
  EXPECT_EQ(passed, 0);
  for (std::size_t size = 0; size < proof.size(); ++size) {
    EXPECT_FALSE(OpenProof(std::string_view(proof).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(OpenProof(proof + "A").ok());
  EXPECT_FALSE(OpenProof(proof + "=").ok());
  EXPECT_FALSE(OpenProof(proof + "." + proof).ok());
}

std::string Encoded(std::string_view text) {
  return Base64Url({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

// As an attacker would write it: any header, signed by whatever key.
std::string Forged(const DeviceKey& signer, const std::string& header, const std::string& claims) {
  const std::string text = Encoded(header) + "." + Encoded(claims);
  return text + "." + Encoded(signer.Sign(text).value());
}

TEST_P(BothKinds, HeadersThatMeanSomethingElseAreRefused) {
  const DeviceKey key = Made(GetParam());
  const DeviceKey other = Made(GetParam());
  const std::string jwk = key.Public().jwk();
  const std::string right = key.Public().algorithm();
  const std::string wrong = right == "ES256" ? "EdDSA" : "ES256";
  const std::string claims = R"({"htm":"POST","htu":"https://h/x","jti":"0123456789","iat":1,)"
                             R"("body_sha256":")" +
                             Base64Url(*DigestOf("")) + R"("})";
  const auto header = [](const std::string& type, const std::string& algorithm,
                         const std::string& of) {
    return R"({"typ":")" + type + R"(","alg":")" + algorithm + R"(","jwk":)" + of + "}";
  };
  EXPECT_TRUE(OpenProof(Forged(key, header("dpop+jwt", right, jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(other, header("dpop+jwt", right, jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("JWT", right, jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", "none", jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", "HS256", jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", wrong, jwk), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", right, "null"), claims)).ok());
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", right, "[]"), claims)).ok());
  const std::string with_private = jwk.substr(0, jwk.size() - 1) + R"(,"d":"AAAA"})";
  EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", right, with_private), claims)).ok());
  const std::string critical =
      R"({"typ":"dpop+jwt","crit":["b64"],"b64":false,"alg":")" + right + R"(","jwk":)" + jwk + "}";
  EXPECT_FALSE(OpenProof(Forged(key, critical, claims)).ok());
  for (const char* const bad :
       {R"({"htm":"POST","htu":"https://h/x","jti":"0123456789","iat":1})",
        R"({"htm":["POST"],"htu":"https://h/x","jti":"0123456789","iat":1,"body_sha256":"A"})",
        R"({"htm":"POST","htm":"GET"})", "[]", "null", ""}) {
    EXPECT_FALSE(OpenProof(Forged(key, header("dpop+jwt", right, jwk), bad)).ok()) << bad;
  }
}

TEST(DeviceKeyTest, KeysOfOtherKindsAreRefused) {
  for (const char* const jwk :
       {R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})", R"({"kty":"oct","k":"AAAA"})",
        R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", R"({"kty":"OKP","crv":"X25519","x":"AA"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", R"({"kty":"EC","crv":"P-256"})",
        // A point that is not on the curve.
        R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",)"
        R"("y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})",
        R"({"kty":1,"crv":2})", "{}", "[]", "", "{"}) {
    EXPECT_FALSE(DevicePublicKey::FromJwkText(jwk).ok()) << jwk;
  }
}

TEST_P(BothKinds, AKeyFileIsPrivateAndComesBack) {
  const std::string path = FolderFile("key.pem");
  std::filesystem::remove(path);
  const DeviceKey key = Made(GetParam());
  ASSERT_TRUE(key.SaveNew(path).ok());
  EXPECT_FALSE(key.SaveNew(path).ok()) << "never overwritten";
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const Result<DeviceKey> again = DeviceKey::Load(path);
  ASSERT_TRUE(again.ok()) << again.error().detail;
  EXPECT_EQ(again->Public().jwk(), key.Public().jwk());

  chmod(path.c_str(), 0640);
  const Result<DeviceKey> shared = DeviceKey::Load(path);
  ASSERT_FALSE(shared.ok());
  EXPECT_NE(shared.error().detail.find("0600"), std::string::npos);
  chmod(path.c_str(), 0600);
  std::ofstream(path, std::ios::trunc) << "no key at all\n";
  EXPECT_FALSE(DeviceKey::Load(path).ok());
  std::filesystem::remove(path);
  EXPECT_FALSE(DeviceKey::Load(path).ok());
}

TEST_P(BothKinds, AProverNeverSignsTheSameProofTwice) {
  FakeClock clock;
  DeviceProver prover(Made(GetParam()), kBase, clock);
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const auto proof = prover.Prove("POST", "/devices/v1.0/heartbeat?x=1", "a=b");
    ASSERT_TRUE(proof.ok());
    const auto opened = OpenProof(*proof);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->claims.url, std::string(kBase) + "/devices/v1.0/heartbeat");
    EXPECT_EQ(opened->claims.nonce, "");
    ids.insert(opened->claims.id);
  }
  EXPECT_EQ(ids.size(), 100U);
  prover.TakeNonce("n-1");
  EXPECT_EQ(OpenProof(*prover.Prove("POST", "/x", ""))->claims.nonce, "n-1");
}

}  // namespace
}  // namespace sspr
