// SPDX-License-Identifier: Apache-2.0
// The permit's bytes are fixed for ever (machines and services of different age meet), so the
// layout is checked byte by byte; and nothing but the very bytes that were signed passes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/permit/commitment.h"
#include "common/permit/key_succession.h"
#include "common/permit/permit.h"
#include "common/permit/permit_keys.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr {
namespace {

template <std::size_t Size>
FixedBytes<Size> Filled(char value) {
  FixedBytes<Size> bytes;
  bytes.fill(value);
  return bytes;
}

Permit SamplePermit() {
  Permit permit;
  permit.operation = PermitOperation::kReset;
  permit.key_id = 0x0102;
  permit.account = "alice";
  permit.device_id = Filled<kDeviceIdBytes>('D');
  permit.nonce = Filled<kNonceBytes>('N');
  permit.commitment = Filled<kCommitmentBytes>('C');
  permit.issued_at = 0x65000000;
  permit.expires_at = 0x65000258;
  permit.transaction_id = Filled<kTransactionIdBytes>('T');
  return permit;
}

class PermitTest : public ::testing::Test {
 protected:
  PermitTest() : signing_(SigningKey::Generate().value()), key_(signing_.Public().value()) {}

  std::string Signed(const Permit& permit) {
    const Result<PermitBytes> bytes = SignPermit(signing_, permit);
    EXPECT_TRUE(bytes.ok());
    return bytes.ok() ? std::string(View(*bytes)) : std::string();
  }
  // Signs any 192 bytes, as a service that is broken or of another version might.
  std::string SignedBody(const std::string& body) {
    std::string message("SSPR permit v1\0", 15);
    message += body;
    return body + std::string(View(*signing_.Sign(message)));
  }

  SigningKey signing_;
  VerifyingKey key_;
};

TEST_F(PermitTest, LayoutIsTheOneOfTheProtocolDocument) {
  std::string expected("SSPP\x01\x01\x01\x02", 8);
  expected += "alice" + std::string(59, '\0') + std::string(32, 'D') + std::string(32, 'N') +
              std::string(32, 'C') + std::string("\x65\0\0\0\x65\0\x02\x58", 8) +
              std::string(16, 'T');
  ASSERT_EQ(expected.size(), 192u);
  const std::string bytes = Signed(SamplePermit());
  ASSERT_EQ(bytes.size(), kPermitBytes);
  EXPECT_EQ(ToHex(bytes.substr(0, 192)), ToHex(expected));
}

TEST_F(PermitTest, WhatWasSignedIsReadBack) {
  Permit permit = SamplePermit();
  permit.account = std::string(64, 'a');
  permit.operation = PermitOperation::kUnlock;
  const Result<Permit> read = VerifyPermit(key_, Signed(permit));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->operation, PermitOperation::kUnlock);
  EXPECT_EQ(read->key_id, permit.key_id);
  EXPECT_EQ(read->account, permit.account);
  EXPECT_EQ(read->device_id, permit.device_id);
  EXPECT_EQ(read->nonce, permit.nonce);
  EXPECT_EQ(read->commitment, permit.commitment);
  EXPECT_EQ(read->issued_at, permit.issued_at);
  EXPECT_EQ(read->expires_at, permit.expires_at);
  EXPECT_EQ(read->transaction_id, permit.transaction_id);
}

TEST_F(PermitTest, EveryFlippedBitIsRefused) {
  const std::string bytes = Signed(SamplePermit());
  for (std::size_t bit = 0; bit < kPermitBytes * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(VerifyPermit(key_, changed).ok()) << "bit " << bit;
  }
}

TEST_F(PermitTest, EveryOtherLengthIsRefused) {
  const std::string bytes = Signed(SamplePermit());
  for (std::size_t size = 0; size < kPermitBytes; ++size) {
    EXPECT_FALSE(VerifyPermit(key_, bytes.substr(0, size)).ok());
  }
  EXPECT_FALSE(VerifyPermit(key_, bytes + '\0').ok());
}

TEST_F(PermitTest, AnotherKeysSignatureIsRefused) {
  const Result<SigningKey> other = SigningKey::Generate();
  ASSERT_TRUE(other.ok());
  const Result<PermitBytes> bytes = SignPermit(*other, SamplePermit());
  ASSERT_TRUE(bytes.ok());
  const Result<Permit> read = VerifyPermit(key_, View(*bytes));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Errc::kDenied);
}

TEST_F(PermitTest, SignatureWithoutThePrefixIsRefused) {
  const std::string body = Signed(SamplePermit()).substr(0, 192);
  const Result<Signature> signature = signing_.Sign(body);
  ASSERT_TRUE(signature.ok());
  EXPECT_FALSE(VerifyPermit(key_, body + std::string(View(*signature))).ok());
}

TEST_F(PermitTest, MalformedBodiesAreRefusedThoughTheServiceSignedThem) {
  const std::string good = Signed(SamplePermit()).substr(0, 192);
  ASSERT_TRUE(VerifyPermit(key_, SignedBody(good)).ok());
  struct {
    const char* what;
    std::size_t at;
    std::string bytes;
  } const cases[] = {
      {"magic", 0, "SSPQ"},
      {"version 0", 4, std::string(1, '\0')},
      {"version 2", 4, "\x02"},
      {"operation 0", 5, std::string(1, '\0')},
      {"operation 3", 5, "\x03"},
      {"account empty", 8, std::string(5, '\0')},
      {"account with a colon", 8, "al:ce"},
      {"account with a slash", 8, "al/ce"},
      {"account with a newline", 8, "al\nce"},
      {"account starts with a dash", 8, "-lice"},
      {"account starts with a zero", 8, std::string(1, '\0')},
      {"byte after the padding began", 71, "x"},
      {"expires before issued", 172, std::string("\x64\xFF\xFF\xFF", 4)},
      {"lives 601 s", 172, std::string("\x65\0\x02\x59", 4)},
  };
  for (const auto& c : cases) {
    std::string body = good;
    body.replace(c.at, c.bytes.size(), c.bytes);
    const Result<Permit> read = VerifyPermit(key_, SignedBody(body));
    ASSERT_FALSE(read.ok()) << c.what;
    EXPECT_EQ(read.error().code, Errc::kProtocol) << c.what;
  }
}

TEST_F(PermitTest, WhatAPermitCannotSayIsNotSigned) {
  Permit permit = SamplePermit();
  permit.account = std::string(65, 'a');
  EXPECT_FALSE(SignPermit(signing_, permit).ok());
  permit = SamplePermit();
  permit.account = "root:x";
  EXPECT_FALSE(SignPermit(signing_, permit).ok());
  permit = SamplePermit();
  permit.expires_at = permit.issued_at + 601;
  EXPECT_FALSE(SignPermit(signing_, permit).ok());
  permit = SamplePermit();
  permit.issued_at = 0x1'0000'0000;
  permit.expires_at = permit.issued_at + 1;
  EXPECT_FALSE(SignPermit(signing_, permit).ok());
}

TEST_F(PermitTest, KeysSurviveTheirFiles) {
  const test::ScratchFolder folder;
  ASSERT_TRUE(signing_.SaveNew(folder.File("permit.key")).ok());
  struct stat info {};
  ASSERT_EQ(stat(folder.File("permit.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
  EXPECT_FALSE(signing_.SaveNew(folder.File("permit.key")).ok()) << "overwrote a key";

  const Result<std::string> pem = signing_.PublicPem();
  ASSERT_TRUE(pem.ok());
  folder.Write("permit.pub", *pem);
  const Result<SigningKey> loaded = SigningKey::Load(folder.File("permit.key"));
  const Result<VerifyingKey> verifying = VerifyingKey::Load(folder.File("permit.pub"));
  ASSERT_TRUE(loaded.ok() && verifying.ok());
  const Result<PermitBytes> bytes = SignPermit(*loaded, SamplePermit());
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(VerifyPermit(*verifying, View(*bytes)).ok());
  EXPECT_TRUE(VerifyingKey::FromPem(*pem).ok());
}

TEST_F(PermitTest, FilesThatHoldNoEd25519KeyAreRefused) {
  const test::ScratchFolder folder;
  folder.Write("empty", "");
  folder.Write("text", "not a key\n");
  folder.Write("ec.pub",  // another algorithm's key, in good order
               "-----BEGIN PUBLIC KEY-----\n"
               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBJwjEmw6rkSDAAgwcHXycYXnD7HD\n"
               "bSiXt1MJ8Cr+KpBcAF8xBAaEe3OFwUug4CymAugBuDTDeoMzsy+257PO8g==\n"
               "-----END PUBLIC KEY-----\n");
  for (const char* name : {"empty", "text", "ec.pub", "missing"}) {
    EXPECT_FALSE(VerifyingKey::Load(folder.File(name)).ok()) << name;
    EXPECT_FALSE(SigningKey::Load(folder.File(name)).ok()) << name;
  }
}

TEST(Hex, RoundTripAndRefusals) {
  EXPECT_EQ(ToHex(std::string("\x00\x9F\xff", 3)), "009fff");
  EXPECT_EQ(FromHex("009FfF"), std::string("\x00\x9F\xff", 3));
  for (const char* bad : {"0", "0g", "0x00", " 00", "00 "}) EXPECT_FALSE(FromHex(bad)) << bad;
}

TEST(Commitment, DependsOnEachInput) {
  const auto nonce = Filled<kNonceBytes>('n');
  const auto salt = Filled<kCommitmentSaltBytes>('s');
  const auto password = *Secret::CopyOf("correct horse");
  // Python: hashlib.sha256(b'n'*32 + b's'*32 + b'correct horse').hexdigest()
  EXPECT_EQ(ToHex(View(*PasswordCommitment(nonce, salt, password))),
            "b0733b99f0ea6171c5e8d32ee80f52104080ae087592d0a48bb922e7308c3d47");
  EXPECT_NE(*PasswordCommitment(Filled<kNonceBytes>('m'), salt, password),
            *PasswordCommitment(nonce, salt, password));
  EXPECT_NE(*PasswordCommitment(nonce, Filled<kCommitmentSaltBytes>('t'), password),
            *PasswordCommitment(nonce, salt, password));
  EXPECT_NE(*PasswordCommitment(nonce, salt, *Secret::CopyOf("correct horsf")),
            *PasswordCommitment(nonce, salt, password));
}

class SuccessionTest : public ::testing::Test {
 protected:
  static SigningKey Made() { return SigningKey::Generate().value(); }
  static std::string Statement(const SigningKey& old_key, const SigningKey& new_key) {
    const auto bytes = SignSuccession(old_key, {.old_id = 0x0102,
                                                .new_id = 0x0103,
                                                .made_at = 0x65000000,
                                                .new_key = new_key.PublicBytes().value()});
    return std::string(View(bytes.value()));
  }
};

TEST_F(SuccessionTest, LayoutIsTheOneOfTheProtocolDocument) {
  const SigningKey first = Made();
  const SigningKey second = Made();
  const std::string statement = Statement(first, second);
  EXPECT_EQ(statement.size(), kSuccessionBytes);
  EXPECT_EQ(statement.substr(0, 48), std::string("SSPK\x01\0\x01\x02\x01\x03\0\0\x65\0\0\0", 16) +
                                         std::string(View(second.PublicBytes().value())));
  const auto read = VerifySuccession(first.Public().value(), statement);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->old_id, 0x0102);
  EXPECT_EQ(read->new_id, 0x0103);
  EXPECT_EQ(read->made_at, 0x65000000);
}

TEST_F(SuccessionTest, EveryChangedBitIsRefused_AndEveryOtherLength) {
  const SigningKey first = Made();
  const std::string good = Statement(first, Made());
  const VerifyingKey key = first.Public().value();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(VerifySuccession(key, bad).ok()) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(VerifySuccession(key, good.substr(0, size)).ok());
  }
  EXPECT_FALSE(VerifySuccession(key, good + "x").ok());
}

TEST_F(SuccessionTest, AChainIsFollowed_OneThatDoesNotHangTogetherIsRefused) {
  const SigningKey first = Made();
  const SigningKey second = Made();
  const SigningKey third = Made();
  const VerifyingKey trusted = first.Public().value();
  const std::string chain = Statement(first, second) + Statement(second, third);
  const auto keys = FollowSuccessions(trusted, chain);
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys->size(), 2U);
  const std::string message = "message";
  EXPECT_TRUE((*keys)[1].Verifies(message, View(third.Sign(message).value())));
  EXPECT_TRUE(FollowSuccessions(trusted, "")->empty());
  EXPECT_FALSE(FollowSuccessions(trusted, Statement(second, third)).ok());
  EXPECT_FALSE(FollowSuccessions(trusted, chain + "x").ok());
  // A permit is no statement, whoever signed it.
  const Result<PermitBytes> permit = SignPermit(first, SamplePermit());
  EXPECT_FALSE(FollowSuccessions(trusted, View(*permit).substr(0, kSuccessionBytes)).ok());
}

}  // namespace
}  // namespace sspr
