// SPDX-License-Identifier: Apache-2.0
// The small parts: keys, randomness, names, networks, password rules, typed codes, windows.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <set>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/crypto/password_hasher.h"
#include "service/crypto/service_keys.h"
#include "service/methods/authenticator.h"
#include "service/methods/email_address.h"
#include "service/methods/typed_code.h"
#include "service/policy/limits.h"
#include "service/policy/password_rules.h"
#include "service/policy/user_name.h"
#include "service/store/sign_in_lock.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

TEST(Digests, MatchThePublishedVectors) {
  // FIPS 180-4 "abc"; RFC 4231 case 2; RFC 5869 has no vector without salt and with this length.
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_NE(DeriveKey("m", "a"), DeriveKey("m", "b"));
  EXPECT_TRUE(SameBytes("abc", "abc"));
  EXPECT_FALSE(SameBytes("abc", "abd"));
  EXPECT_FALSE(SameBytes("abc", "ab"));
}

class KeysTest : public testing::Test {
 protected:
  ServiceKeys Load() {
    Result<ServiceKeys> keys = ServiceKeys::Load(folder.File("key"));
    if (!keys.ok()) throw std::runtime_error(keys.error().detail);
    return std::move(*keys);
  }
  test::ScratchFolder folder;
  SystemRandom random;
};

TEST_F(KeysTest, SealedSecretOpens_WithItsKeyAndContextOnly_AndUnchanged) {
  ASSERT_TRUE(ServiceKeys::Create(folder.File("key"), random).ok());
  const ServiceKeys keys = Load();
  const std::string sealed = keys.Seal(random, "twenty bytes of seed", "method-1");
  EXPECT_NE(sealed, keys.Seal(random, "twenty bytes of seed", "method-1")) << "fresh nonces";
  ASSERT_TRUE(keys.Open(sealed, "method-1").ok());
  EXPECT_EQ(keys.Open(sealed, "method-1")->Reveal(), "twenty bytes of seed");
  EXPECT_FALSE(keys.Open(sealed, "method-2").ok());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(keys.Open(changed, "method-1").ok()) << i;
  }
  for (const std::string& cut : {std::string(), sealed.substr(2), sealed.substr(0, 40)}) {
    EXPECT_FALSE(keys.Open(cut, "method-1").ok());
  }
  EXPECT_NE(keys.CodeDigest("x"), keys.NameDigest("x"));
}

TEST_F(KeysTest, KeyFileIsPrivate_Exactly32Bytes_AndNoLink) {
  const mode_t before = umask(0);
  ASSERT_TRUE(ServiceKeys::Create(folder.File("key"), random).ok());
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(folder.File("key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  ASSERT_EQ(chmod(folder.File("key").c_str(), 0640), 0);
  EXPECT_FALSE(ServiceKeys::Load(folder.File("key")).ok());
  for (const std::size_t size : {0U, 31U, 33U}) {
    folder.Write("wrong", std::string(size, 'k'));
    ASSERT_EQ(chmod(folder.File("wrong").c_str(), 0600), 0);
    EXPECT_FALSE(ServiceKeys::Load(folder.File("wrong")).ok()) << size;
  }
  ASSERT_EQ(chmod(folder.File("key").c_str(), 0600), 0);
  ASSERT_EQ(symlink(folder.File("key").c_str(), folder.File("link").c_str()), 0);
  EXPECT_FALSE(ServiceKeys::Load(folder.File("link")).ok());
}

TEST(RandomDigits, AreSpreadEvenly) {
  SystemRandom random;
  std::array<int, 10> counts{};
  constexpr int kCodes = 20000;
  constexpr int kLength = 8;
  for (int i = 0; i < kCodes; ++i) {
    const Secret code = RandomDigits(random, kLength);
    for (const char c : code.Reveal()) {
      ++counts[static_cast<std::size_t>(c - '0')];
    }
  }
  const double expected = kCodes * kLength / 10.0;
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 40) << "nine degrees of freedom: beyond 40 once in 100 000 runs";
}

TEST(PasswordHasher, TakesTheParametersOfThePolicy_AndNobodyIsNeverRight) {
  SystemRandom random;
  PasswordHasher hasher(random, 1);
  const Result<std::string> hash = hasher.Hash(Hidden("secret"));
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_TRUE(*hasher.Verify(*hash, Hidden("secret")));
  EXPECT_FALSE(*hasher.Verify(*hash, Hidden("Secret")));
  EXPECT_FALSE(*hasher.Verify("", Hidden("")));
  EXPECT_FALSE(hasher.Verify("$argon2id$broken", Hidden("x")).ok());
}

TEST(UserName, IsCanonicalOrNobodys) {
  EXPECT_EQ(CanonicalUserName("Alice.B+c_d-1@Example.ORG"), "alice.b+c_d-1@example.org");
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("-a"),
                                 std::string(".a"), std::string("a\0b", 3), std::string("\xC4\xB0"),
                                 std::string("a\\b"), std::string(65, 'a')}) {
    EXPECT_EQ(CanonicalUserName(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(LocalPartOf("alice@example.org"), "alice");
  EXPECT_EQ(LocalPartOf("alice"), "alice");
}

TEST(Networks, AreTheSame24Or64_AndWhatCannotBeReadSharesOne) {
  EXPECT_EQ(NetworkOf("192.0.2.1"), NetworkOf("192.0.2.254"));
  EXPECT_NE(NetworkOf("192.0.2.1"), NetworkOf("192.0.3.1"));
  EXPECT_EQ(NetworkOf("::ffff:192.0.2.9"), NetworkOf("192.0.2.1"));
  EXPECT_EQ(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:3::1"));
  std::set<std::string> unreadable;
  for (const char* address :
       {"", "a", "1.2.3", "1.2.3.4.5", "fe80::1%eth0", "192.0.2.1, 8.8.8.8"}) {
    unreadable.insert(NetworkOf(address));
  }
  EXPECT_EQ(unreadable, std::set<std::string>{"unknown"});
}

TEST(PasswordRules, JudgeLengthInCharacters_AndBytes_AndKinds) {
  PasswordPolicyReply rules{.min_length = 8,
                            .max_length = 256,
                            .max_bytes = 511,
                            .min_classes = 0,
                            .forbid_contains = {}};
  const auto judge = [&rules](std::string_view text) {
    const auto verdict = JudgePassword(rules, Hidden(text));
    return verdict ? OutcomeName(*verdict) : std::string("good");
  };
  EXPECT_EQ(judge(""), "password_too_short");
  EXPECT_EQ(judge("1234567"), "password_too_short");
  EXPECT_EQ(judge("pass w0r"), "good");
  EXPECT_EQ(judge("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA4\xC3\xB6\xC3\xBC"), "password_too_short")
      << "seven characters in fourteen bytes";
  std::string many;
  for (int i = 0; i < 256; ++i) many += "z";
  EXPECT_EQ(judge(many), "good");
  EXPECT_EQ(judge(many + "z"), "password_too_long");
  std::string wide;
  for (int i = 0; i < 128; ++i) wide += "\xF0\x9F\x92\xA5";
  EXPECT_EQ(judge(wide.substr(0, 4 * 127)), "good");
  EXPECT_EQ(judge("bad utf8 \xFF\xFE"), "password_invalid");
  EXPECT_EQ(judge(std::string("with\0nul in it", 14)), "password_invalid");
  EXPECT_EQ(judge("c1 control \xC2\x9B inside"), "password_invalid");
  EXPECT_EQ(judge("composed \xC3\xA9 fine"), "good");
  EXPECT_EQ(judge("decomposed e\xCC\x81"), "password_invalid");
  EXPECT_EQ(judge("hangul \xE1\x84\x80\xE1\x85\xA1 jamo"), "password_invalid");
  EXPECT_EQ(judge("PassW0rd123"), "good") << "not in the list";
  EXPECT_EQ(judge("P@ssw0rd123"), "password_banned");
  EXPECT_EQ(judge("Correct Horse Battery Staple"), "password_banned");
  EXPECT_EQ(judge("Correct Horse Battery Staple 2"), "good") << "whole passwords only";
  rules.min_classes = 3;
  EXPECT_EQ(judge("onlysmall letters"), "password_too_weak");
  EXPECT_EQ(judge("Three kinds"), "good");
  rules.min_classes = 4;
  EXPECT_EQ(judge("Three kinds"), "password_too_weak");
  EXPECT_EQ(judge("Four kinds 4"), "good");
  rules.min_classes = 0;
  rules.forbid_contains = {
      "Stra\xC3\x9F"
      "e"};
  EXPECT_EQ(judge("in der STRASSE 5"), "password_too_weak") << "compared case-folded";
}

TEST(PasswordRules, ForbidNamesOfFourCharactersAndMore) {
  Policy policy;
  policy.forbid_names = 1;
  policy.required_gates = 1;
  EXPECT_EQ(
      PasswordPolicyFor(policy, "ann.marie@example.org", "Ann  Marie-Louise Li").forbid_contains,
      (std::vector<std::string>{"ann.marie@example.org", "marie", "Marie", "Louise"}));
  policy.forbid_names = 0;
  EXPECT_TRUE(PasswordPolicyFor(policy, "ann.marie", "Ann Marie").forbid_contains.empty());
}

TEST(Authenticator, MatchesRfc6238) {
  // Appendix B: 8 digits; of them the last six are the shorter code.
  struct Row {
    UnixSeconds time;
    const char* sha1;
    const char* sha256;
  };
  const Secret seed = Hidden("12345678901234567890");
  const Secret seed32 = Hidden("12345678901234567890123456789012");
  for (const Row& row : {Row{59, "94287082", "46119246"},
                         {1111111109, "07081804", "68084774"},
                         {1234567890, "89005924", "91819424"},
                         {2000000000, "69279037", "90698825"},
                         {20000000000, "65353130", "77737706"}}) {
    const UnixSeconds step = row.time / 30;
    EXPECT_EQ(MatchingStep(seed, {TotpAlgorithm::kSha1, 8}, row.sha1, row.time), step);
    EXPECT_EQ(MatchingStep(seed, {TotpAlgorithm::kSha1, 6}, row.sha1 + 2, row.time), step);
    EXPECT_EQ(MatchingStep(seed32, {TotpAlgorithm::kSha256, 8}, row.sha256, row.time), step);
    EXPECT_EQ(MatchingStep(seed32, {TotpAlgorithm::kSha256, 6}, row.sha256, row.time),
              std::nullopt);
  }
  EXPECT_EQ(MatchingStep(seed, {}, "000000", 59), std::nullopt);
  EXPECT_EQ(Base32Of(Hidden("foobar")).Reveal(), "MZXW6YTBOI") << "RFC 4648";
  EXPECT_EQ(OtpauthUri(Hidden("foobar"), {}, "A:B&C", "x%@y").Reveal(),
            "otpauth://totp/A%3AB%26C:x%25%40y?secret=MZXW6YTBOI&issuer=A%3AB%26C&algorithm=SHA1"
            "&digits=6&period=30");
}

TEST(TypedCode, IsAsciiDigitsOfTheRightNumber) {
  EXPECT_EQ(DigitsOf(Hidden("123 456"), 6)->Reveal(), "123456");
  EXPECT_EQ(DigitsOf(Hidden("12-34-56 "), 6)->Reveal(), "123456");
  for (const std::string& bad :
       {std::string(), std::string("12345"), std::string("1234567"), std::string("12345a"),
        std::string("\xEF\xBC\x91"
                    "23456"),
        std::string("\xD9\xA1\xD9\xA2\xD9\xA3"), std::string("12345\n"), std::string("+12345"),
        std::string("12345\0", 6)}) {
    EXPECT_FALSE(DigitsOf(Hidden(bad), 6).has_value()) << bad;
  }
}

TEST(EmailHints, ShowTheDomainsFirstLetterAndEnding) {
  EXPECT_EQ(EmailHint(MaskedDomain("alice@example.org")), "***@e***.org");
  EXPECT_EQ(EmailHint(MaskedDomain("alice@mail.example.co.uk")), "***@m***.uk");
  EXPECT_EQ(EmailHint(MaskedDomain("alice@localhost")), "***@l***");
}

TEST(SignInLock, GrowsToAnHour_AndIsShortenedWhenTheClockGoesBack) {
  SignInLock lock;
  UnixSeconds now = 1000;
  for (int i = 0; i < 30; ++i) {
    const LimitVerdict verdict = CountSignIn(lock, now);
    if (!verdict.allowed) now += verdict.retry_after_seconds;
    EXPECT_LE(lock.locked_until - now, 3600);
  }
  EXPECT_EQ(lock.locked_until - now <= 3600, true);
  const LimitVerdict back = CountSignIn(lock, now - 1000000);
  EXPECT_FALSE(back.allowed);
  EXPECT_LE(back.retry_after_seconds, 3600);
}

}  // namespace
}  // namespace sspr::service
