// SPDX-License-Identifier: Apache-2.0
// Passkeys as an authenticator makes them, with a key of the test's own; Chromium's are in
// pages_test.mjs.
#include "service/webauthn/passkey.h"

#include <gtest/gtest.h>

#include "common/permit/fixed_bytes.h"
#include "service/approvals/form_bytes.h"
#include "service/approvals/p256.h"
#include "service/approvals/passkey_desk.h"
#include "service/crypto/digest.h"
#include "service/operators/campaign_view.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr char kUrl[] = "https://reset.example.org/corp";
constexpr char kHost[] = "reset.example.org";
constexpr char kOrigin[] = "https://reset.example.org";
constexpr Capabilities kOnPages{
    .introspect = true, .two_gates = true, .totp = true, .passkey = true};

P256Key NewKey() {
  Result<P256Key> made = P256Key::Generate();
  if (!made.ok()) throw std::runtime_error(made.error().detail);
  return std::move(*made);
}

// What an authenticator says, byte by byte.
struct Authenticator {
  P256Key key = NewKey();
  std::string id = "credential-of-the-test";
  std::uint32_t count = 0;

  std::string Head(char flags, const std::string& host = kHost) const {
    std::string data = Sha256(host) + flags;
    for (int shift = 24; shift >= 0; shift -= 8) data += static_cast<char>(count >> shift);
    return data;
  }
  // With the public key in COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
  std::string New(char flags = '\x45', const std::string& host = kHost) const {
    std::string data = Head(flags, host) + std::string(16, '\0');
    data += '\0';
    data += static_cast<char>(id.size());
    data += id;
    data += std::string("\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10) + key.point().substr(1, 32);
    data += std::string("\x22\x58\x20", 3) + key.point().substr(33, 32);
    return data;
  }
};

std::string ClientData(const std::string& type, const std::string& challenge,
                       const std::string& origin = kOrigin, const std::string& more = "") {
  return R"({"type":")" + type + R"(","challenge":")" + ToBase64Url(challenge) + R"(","origin":")" +
         origin + R"(","crossOrigin":false)" + more + "}";
}

// WebAuthn has its signatures in DER.
std::string Der(const std::string& raw) {
  const auto number = [](std::string bytes) {
    while (bytes.size() > 1 && bytes[0] == '\0') bytes.erase(0, 1);
    if ((static_cast<unsigned char>(bytes[0]) & 0x80) != 0) bytes.insert(0, 1, '\0');
    return std::string("\x02") + static_cast<char>(bytes.size()) + bytes;
  };
  const std::string both = number(raw.substr(0, 32)) + number(raw.substr(32));
  return std::string("\x30") + static_cast<char>(both.size()) + both;
}

class Passkeys : public ::testing::Test {
 protected:
  Passkeys() {
    world.UsePublicUrl(kUrl);
    world.SetPolicy("methods.passkey", "on");
    world.SetPolicy("registration.cooling_hours", "0");
    world.AddUser("alice");
    desk = std::make_unique<PasskeyDesk>(world.foundation().Parts());
    user = world.foundation().store->FindUser("alice")->id;
  }

  Status Add(const std::string& challenge, const std::string& client_data,
             const std::string& authenticator_data) {
    return desk->Add(world.From(), user,
                     {.name = "Phone",
                      .challenge = challenge,
                      .client_data = client_data,
                      .authenticator_data = authenticator_data});
  }
  void Register() {
    const auto challenge = desk->Begin(user);
    ASSERT_TRUE(challenge.ok());
    const Status added =
        Add(*challenge, ClientData("webauthn.create", *challenge), authenticator.New());
    ASSERT_TRUE(added.ok()) << added.error().detail;
  }
  PasskeyAssertion Assert(const std::string& client_data, char flags = '\x05',
                          const std::string& host = kHost) {
    ++authenticator.count;
    const std::string data = authenticator.Head(flags, host);
    return {.credential_id = authenticator.id,
            .client_data = client_data,
            .authenticator_data = data,
            .signature = Der(*authenticator.key.Sign(data + Sha256(client_data)))};
  }
  ChallengeReply Challenge() {
    const auto started = world.engine().Start(world.From(), world.For("alice", kOnPages));
    const auto opened = world.OpenNext(Value(started)->continuation_token, MethodKind::kPasskey);
    if (Value(opened) == nullptr) throw std::runtime_error(Outcome(opened));
    return *Value(opened);
  }
  std::string Use(const ChallengeReply& challenge, const PasskeyAssertion& assertion) {
    return Outcome(
        world.engine().ContinueWithPasskey(world.From(), challenge.continuation_token, assertion));
  }

  EngineWorld world;
  std::unique_ptr<PasskeyDesk> desk;
  std::string user;
  Authenticator authenticator;
};

TEST_F(Passkeys, OpenAGate) {
  Register();
  const ChallengeReply challenge = Challenge();
  EXPECT_EQ(challenge.passkey_challenge.size(), 32u);
  EXPECT_EQ(Use(challenge, Assert(ClientData("webauthn.get", challenge.passkey_challenge))), "ok");
}

TEST_F(Passkeys, AreUsedOnceForAChallenge) {
  Register();
  const ChallengeReply challenge = Challenge();
  const PasskeyAssertion assertion =
      Assert(ClientData("webauthn.get", challenge.passkey_challenge));
  EXPECT_EQ(Use(challenge, assertion), "ok");
  EXPECT_EQ(Use(challenge, assertion), "invalid_request");
  EXPECT_EQ(Use(Challenge(), assertion), "wrong_code");
}

TEST_F(Passkeys, MustBeOfThisPageThisCeremonyAndAVerifiedPerson) {
  Register();
  const auto wrong = [&](const std::string& client_data, char flags, const std::string& host) {
    const ChallengeReply challenge = Challenge();
    std::string text = client_data;
    const std::size_t mark = text.find("CHALLENGE");
    if (mark != std::string::npos) text.replace(mark, 9, ToBase64Url(challenge.passkey_challenge));
    const std::string outcome = Use(challenge, Assert(text, flags, host));
    world.clock().Advance(24 * 3600 + 1);  // wrong ones are counted
    return outcome;
  };
  const std::string get = R"({"type":"webauthn.get","challenge":"CHALLENGE","origin":)";
  EXPECT_EQ(wrong(get + R"("https://evil.example"})", '\x05', kHost), "wrong_code");
  EXPECT_EQ(wrong(get + R"("http://reset.example.org"})", '\x05', kHost), "wrong_code");
  EXPECT_EQ(wrong(get + R"("https://reset.example.org","crossOrigin":true})", '\x05', kHost),
            "wrong_code");
  EXPECT_EQ(wrong(get + R"("https://reset.example.org"})", '\x01', kHost), "wrong_code");
  EXPECT_EQ(wrong(get + R"("https://reset.example.org"})", '\x04', kHost), "wrong_code");
  EXPECT_EQ(wrong(get + R"("https://reset.example.org"})", '\x05', "evil.example"), "wrong_code");
  EXPECT_EQ(wrong(R"({"type":"webauthn.create","challenge":"CHALLENGE","origin":)"
                  R"("https://reset.example.org"})",
                  '\x05', kHost),
            "wrong_code");
  EXPECT_EQ(
      wrong(get + R"("https://reset.example.org","origin":"https://evil.example"})", '\x05', kHost),
      "wrong_code");
  EXPECT_EQ(wrong("nonsense", '\x05', kHost), "wrong_code");
  EXPECT_EQ(wrong(get + R"("https://reset.example.org"})", '\x05', kHost), "ok");
}

TEST_F(Passkeys, CopiesAreRefusedByTheCounter) {
  Register();
  const ChallengeReply first = Challenge();
  authenticator.count = 5;
  EXPECT_EQ(Use(first, Assert(ClientData("webauthn.get", first.passkey_challenge))), "ok");
  const ChallengeReply second = Challenge();
  authenticator.count = 3;
  EXPECT_EQ(Use(second, Assert(ClientData("webauthn.get", second.passkey_challenge))),
            "wrong_code");
}

TEST_F(Passkeys, OfAnotherPersonOpenNothing) {
  Register();
  world.AddUser("bob");
  const auto bob = world.foundation().store->FindUser("bob")->id;
  const auto challenge = desk->Begin(bob);
  Authenticator bobs;
  bobs.id = "bobs-credential";
  ASSERT_TRUE(desk->Add(world.From(), bob,
                        {.name = "Phone",
                         .challenge = *challenge,
                         .client_data = ClientData("webauthn.create", *challenge),
                         .authenticator_data = bobs.New()})
                  .ok());
  std::swap(authenticator, bobs);
  const ChallengeReply alices = Challenge();
  EXPECT_EQ(Use(alices, Assert(ClientData("webauthn.get", alices.passkey_challenge))),
            "wrong_code");
}

TEST_F(Passkeys, AreMadeWithAChallengeOfTheirOwnOnly) {
  const auto challenge = desk->Begin(user);
  EXPECT_FALSE(Add(std::string(32, 'x'), ClientData("webauthn.create", std::string(32, 'x')),
                   authenticator.New())
                   .ok());
  EXPECT_FALSE(
      Add(*challenge, ClientData("webauthn.create", std::string(32, 'x')), authenticator.New())
          .ok());
  // Used up by the try.
  EXPECT_FALSE(
      Add(*challenge, ClientData("webauthn.create", *challenge), authenticator.New()).ok());
  const auto late = desk->Begin(user);
  world.clock().Advance(600);
  EXPECT_FALSE(Add(*late, ClientData("webauthn.create", *late), authenticator.New()).ok());
}

TEST_F(Passkeys, AreNotMadeWithoutAVerifiedPersonOrForAnotherSite) {
  for (const std::string& data :
       {authenticator.New('\x41'), authenticator.New('\x45', "evil.example"), std::string("x"),
        authenticator.New().substr(0, 60), authenticator.Head('\x05')}) {
    const auto challenge = desk->Begin(user);
    EXPECT_FALSE(Add(*challenge, ClientData("webauthn.create", *challenge), data).ok());
  }
}

TEST_F(Passkeys, AreNotOfferedToALoginScreen) {
  Register();
  for (const MethodOffer& offer : world.Offered("alice").methods) {
    EXPECT_NE(offer.kind, MethodKind::kPasskey);
  }
}

TEST_F(Passkeys, CountInTheCampaign) {
  Foundation& foundation = world.foundation();
  for (const MethodRecord& method : foundation.store->ListMethods(user)) {
    foundation.store->DeleteMethod(user, method.id);
  }
  EXPECT_EQ(CampaignView(foundation).Figures().all.registered, 0);
  EXPECT_EQ(world.admin().ReportCampaign()->registered, 0);
  Register();
  EXPECT_EQ(CampaignView(foundation).Figures().all.registered, 1);
  EXPECT_EQ(world.admin().ReportCampaign()->registered, 1);
}

TEST(PasskeySite, IsTheHostOfThePublicUrl) {
  EXPECT_EQ(PasskeySiteOf("https://a.example:8443/t")->host, "a.example");
  EXPECT_EQ(PasskeySiteOf("https://a.example:8443/t")->origin, "https://a.example:8443");
  EXPECT_EQ(PasskeySiteOf("https://a.example:443/t")->origin, "https://a.example");
  EXPECT_FALSE(PasskeySiteOf("https://127.0.0.1:8443/t"));
  EXPECT_FALSE(PasskeySiteOf("https://[::1]:8443/t"));
  EXPECT_FALSE(PasskeySiteOf(""));
}

}  // namespace
}  // namespace sspr::service
