// SPDX-License-Identifier: Apache-2.0
// Tokens: what MSAL insists on, and signatures that the published key verifies.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <unistd.h>

#include <vector>

#include "service/api/wire_text.h"
#include "tests/service_api/api_fixture.h"

namespace sspr::service {
namespace {

std::string Decode(std::string_view text) {
  return Base64UrlDecode(text, text.size() * 3 / 4).value_or("");
}

std::vector<std::string> Split(const std::string& jwt) {
  const std::size_t first = jwt.find('.');
  const std::size_t second = jwt.find('.', first + 1);
  return {jwt.substr(0, first), jwt.substr(first + 1, second - first - 1), jwt.substr(second + 1)};
}

// Verifies as a relying party does that has read the key set.
bool Verifies(const std::string& jwt, const Json::Value& key) {
  const std::vector<std::string> parts = Split(jwt);
  const std::string point = "\x04" + Decode(key["x"].asString()) + Decode(key["y"].asString());
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* pkey = nullptr;
  EVP_PKEY_fromdata_init(maker);
  EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_PUBLIC_KEY, params);

  const std::string raw = Decode(parts[2]);
  const auto number = [&raw](std::size_t at) {
    return BN_bin2bn(reinterpret_cast<const unsigned char*>(raw.data()) + at, 32, nullptr);
  };
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, number(0), number(32));
  unsigned char* der = nullptr;
  const int der_size = i2d_ECDSA_SIG(signature, &der);
  const std::string text = parts[0] + "." + parts[1];
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, pkey);
  const bool good =
      raw.size() == 64 &&
      EVP_DigestVerify(context, der, static_cast<std::size_t>(der_size),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(pkey);
  EVP_PKEY_CTX_free(maker);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  return good;
}

class TokenIssuerTest : public ApiFixture {
 protected:
  Json::Value SignIn(const std::string& more) {
    return Parse(Post("/oauth2/v2.0/token",
                      "client_id=app&continuation_token=t&grant_type=password&password=p" + more)
                     .body);
  }
  Json::Value PublishedKey() {
    return Parse(Send("GET", "/contoso/discovery/v2.0/keys").body)["keys"][0];
  }
};

TEST_F(TokenIssuerTest, HasAllThatMsalInsistsOn) {
  const Json::Value json = SignIn("&scope=openid+profile+offline_access&client_info=1");
  EXPECT_EQ(json["token_type"].asString(), "Bearer");
  EXPECT_EQ(json["expires_in"].asInt(), 3600);
  EXPECT_EQ(json["scope"].asString(), "openid profile offline_access");
  EXPECT_EQ(json["refresh_token"].asString(), "refresh-1");
  const Json::Value info = Parse(Decode(json["client_info"].asString()));
  EXPECT_EQ(info["uid"].asString(), "11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(info["utid"].asString(), tokens_->tenant_id());
}

TEST_F(TokenIssuerTest, GivesOnlyWhatWasAskedFor) {
  const Json::Value json = SignIn("&scope=profile");
  EXPECT_TRUE(json.isMember("access_token"));
  EXPECT_FALSE(json.isMember("id_token"));
  EXPECT_FALSE(json.isMember("refresh_token"));
  EXPECT_FALSE(json.isMember("client_info"));
}

TEST_F(TokenIssuerTest, SaysWhoByWhomForWhomAndUntilWhen) {
  const std::vector<std::string> parts = Split(SignIn("&scope=openid")["id_token"].asString());
  const Json::Value header = Parse(Decode(parts[0]));
  EXPECT_EQ(header["alg"].asString(), "ES256");
  EXPECT_EQ(header["typ"].asString(), "JWT");
  EXPECT_EQ(header["kid"], PublishedKey()["kid"]);
  const Json::Value claims = Parse(Decode(parts[1]));
  EXPECT_EQ(claims["iss"].asString(), "https://reset.example.org/contoso");
  EXPECT_EQ(claims["aud"].asString(), "app");
  EXPECT_EQ(claims["sub"], claims["oid"]);
  EXPECT_EQ(claims["tid"].asString(), tokens_->tenant_id());
  EXPECT_EQ(claims["ver"].asString(), "2.0");
  EXPECT_EQ(claims["preferred_username"].asString(), "alice");
  EXPECT_EQ(claims["name"].asString(), "Alice");
  EXPECT_EQ(claims["iat"].asInt64(), clock_.Now());
  EXPECT_EQ(claims["exp"].asInt64(), clock_.Now() + 3600);
}

TEST_F(TokenIssuerTest, SignaturesVerifyWithThePublishedKeyAndBreakWithTheText) {
  const Json::Value json = SignIn("&scope=openid");
  const Json::Value key = PublishedKey();
  std::string token = json["id_token"].asString();
  EXPECT_TRUE(Verifies(token, key));
  EXPECT_TRUE(Verifies(json["access_token"].asString(), key));
  const std::size_t middle = token.find('.') + 20;
  token[middle] = token[middle] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Verifies(token, key));
}

TEST_F(TokenIssuerTest, RefusesAKeyOfAnotherKind) {
  EXPECT_FALSE(TokenIssuer::Load("/nonexistent", "https://x/y", clock_).ok());
  const std::string certificate = ::testing::TempDir() + "sspr-not-a-key.pem";
  FILE* file = std::fopen(certificate.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", file);
  std::fclose(file);
  EXPECT_FALSE(TokenIssuer::Load(certificate, "https://x/y", clock_).ok());
  std::filesystem::remove(certificate);
}

TEST(WireText, Base64UrlGoesThereAndBackAtEveryLength) {
  std::string bytes;
  for (int length = 0; length < 70; ++length) {
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(bytes), bytes.size()), bytes);
    bytes += static_cast<char>(length * 37);
  }
  EXPECT_EQ(Base64UrlEncode("\xFB\xFF"), "-_8");
  EXPECT_FALSE(Base64UrlDecode("-_9", 2).has_value());  // stray bits
  EXPECT_FALSE(Base64UrlDecode("-_8=", 2).has_value());
  EXPECT_FALSE(Base64UrlDecode("+/8", 2).has_value());
}

}  // namespace
}  // namespace sspr::service
