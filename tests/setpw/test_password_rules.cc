// SPDX-License-Identifier: Apache-2.0
// The machine's rules for a new password: text, configuration files as they are found in the field,
// libpwquality, earlier passwords, hash methods.
#include <gtest/gtest.h>
#include <signal.h>

#include "pam_module/setpw/child_work.h"
#include "pam_module/setpw/crypt_hash.h"
#include "pam_module/setpw/eligibility.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/password_check.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::setpw {
namespace {

Secret Password(std::string_view text) { return Secret::CopyOf(text).value(); }

std::optional<RejectionReason> TextReason(std::string_view text) {
  const auto rejected = CheckPasswordText(Password(text));
  return rejected ? std::optional(rejected->reason) : std::nullopt;
}

std::string Repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(PasswordText, WhatEveryKeyboardCanRepeatIsAccepted) {
  for (const std::string& text :
       {std::string("plain ascii"), std::string("  spaces around  "), std::string("a:b"),
        std::string("\xC3\xA9t\xC3\xA9 compos\xC3\xA9"), Repeated("\xF0\x9F\x94\x91", 127),
        std::string("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"), Repeated("x", 256)}) {
    EXPECT_FALSE(TextReason(text)) << text;
  }
}

TEST(PasswordText, WhatWouldBeCutOrCannotBeTypedIsRefused) {
  EXPECT_EQ(TextReason(Repeated("x", 257)), RejectionReason::kTooLong);
  for (const std::string& text :
       {std::string("a\tb"), std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7F"),
        std::string("a\xC2\x9B"), std::string("\x80"), std::string("\xC0\xAF"),
        std::string("\xED\xA0\x80"), std::string("e\xCC\x81"), std::string("\xE2\x84\xAB")}) {
    EXPECT_EQ(TextReason(text), RejectionReason::kNotTypable) << text;
  }
  EXPECT_EQ(TextReason(""), RejectionReason::kTooWeak);
}

class MachineTest : public ::testing::Test {
 protected:
  MachineTest() {
    std::filesystem::create_directory(etc_.File("pam.d"));
    std::filesystem::create_directory(etc_.File("security"));
  }
  MachinePolicy Policy() {
    auto policy = ReadMachinePolicy(etc_.Path());
    EXPECT_TRUE(policy.ok());
    return policy.ok() ? std::move(*policy) : MachinePolicy();
  }
  CheckedPassword Check(std::string_view password) {
    LocalAccount account{"alice", 1000,
                         HashPassword(Password("Winter-garden-17"), {"$6$", 1000, 0}).value()};
    return CheckAndHash(Password(password), account, Policy());
  }
  std::optional<RejectionReason> ReasonFor(std::string_view password) {
    const CheckedPassword checked = Check(password);
    const auto* rejected = std::get_if<Rejection>(&checked);
    return rejected == nullptr ? std::nullopt : std::optional(rejected->reason);
  }
  test::ScratchFolder etc_;
};

TEST_F(MachineTest, HashMethodComesFromPamUnixThenLoginDefsThenYescrypt) {
  struct {
    const char* stack;
    const char* login_defs;
    const char* prefix;
    unsigned long count;
    std::size_t reads;
  } const cases[] = {
      {"password required pam_deny.so\n", "", "$y$", 0, 0},
      {"password [success=1 default=ignore] pam_unix.so obscure yescrypt\n",
       "ENCRYPT_METHOD SHA512\n", "$y$", 0, 0},
      {"password sufficient pam_unix.so sha512 shadow rounds=65536\n", "", "$6$", 65536, 0},
      {"password sufficient pam_unix.so \\\n  sha256\n", "SHA_CRYPT_MAX_ROUNDS 9000\n", "$5$", 9000,
       0},
      {"password sufficient /lib/security/pam_unix.so use_authtok\n", "ENCRYPT_METHOD SHA512\n",
       "$6$", 0, 0},
      {"password sufficient pam_unix.so\n",
       "ENCRYPT_METHOD\tYESCRYPT # new\nYESCRYPT_COST_FACTOR 7\n", "$y$", 7, 0},
      {"password sufficient pam_unix.so blowfish rounds=8\n", "", "$2b$", 8, 72},
      {"# password sufficient pam_unix.so md5\nauth required pam_unix.so md5\n", "", "$y$", 0, 0},
      {"-password sufficient pam_unix.so sha512\n", "", "$6$", 0, 0},
      {"password sufficient pam_unix.so\n", "ENCRYPT_METHOD DES\n", "", 0, 8},
  };
  for (const auto& c : cases) {
    etc_.Write("pam.d/common-password", c.stack);
    etc_.Write("login.defs", c.login_defs);
    const MachinePolicy policy = Policy();
    EXPECT_EQ(policy.hash.prefix, c.prefix) << c.stack;
    EXPECT_EQ(policy.hash.count, c.count) << c.stack;
    EXPECT_EQ(policy.hash.reads_bytes, c.reads) << c.stack;
  }
}

TEST_F(MachineTest, SystemAuthIsReadWhereThereIsNoCommonPassword) {
  etc_.Write("pam.d/system-auth",
             "auth required pam_unix.so\npassword requisite pam_pwquality.so retry=3 minlen=20\n"
             "password sufficient pam_unix.so sha512 shadow remember=5\n");
  const MachinePolicy policy = Policy();
  EXPECT_EQ(policy.hash.prefix, "$6$");
  EXPECT_TRUE(policy.check_quality);
  EXPECT_EQ(policy.remember, 5u);
  EXPECT_EQ(ReasonFor("copper lantern 42"), RejectionReason::kTooWeak) << "minlen of the PAM line";
  EXPECT_FALSE(ReasonFor("copper lantern drifts 42"));
}

TEST_F(MachineTest, UnknownHashMethodIsAnErrorNotADefault) {
  etc_.Write("login.defs", "ENCRYPT_METHOD ROT13\n");
  EXPECT_FALSE(ReadMachinePolicy(etc_.Path()).ok());
}

TEST_F(MachineTest, PamUnixMinimumHolds) {
  etc_.Write("pam.d/common-password", "password sufficient pam_unix.so sha512 rounds=1000\n");
  EXPECT_EQ(ReasonFor("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"), RejectionReason::kTooWeak);
  EXPECT_FALSE(ReasonFor("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9x"));
  etc_.Write("pam.d/common-password", "password sufficient pam_unix.so sha512 minlen=9\n");
  EXPECT_EQ(ReasonFor("12345678"), RejectionReason::kTooWeak);
}

TEST_F(MachineTest, QualityConfigurationHoldsAndItsSentenceIsHandedOn) {
  etc_.Write("security/pwquality.conf", "minlen = 20\nminclass = 3\n");
  const CheckedPassword checked = Check("short Pass 1");
  const auto* rejected = std::get_if<Rejection>(&checked);
  ASSERT_NE(rejected, nullptr);
  EXPECT_EQ(rejected->reason, RejectionReason::kTooWeak);
  EXPECT_NE(rejected->detail.find("The password"), std::string::npos) << rejected->detail;
  EXPECT_EQ(ReasonFor("Xy alice and 77 others"), RejectionReason::kTooWeak) << "the user's name";
  EXPECT_FALSE(ReasonFor("Copper lantern drifts 42"));
  etc_.Write("security/pwquality.conf", "minlen = 20\nenforcing = 0\n");
  EXPECT_FALSE(ReasonFor("copper lantern 4"));
  etc_.Write("security/pwquality.conf", "minlen = twenty\n");
  EXPECT_EQ(ReasonFor("Copper lantern drifts 42"), RejectionReason::kInternal);
}

TEST_F(MachineTest, CurrentAndEarlierPasswordsAreRefused) {
  etc_.Write("pam.d/common-password",
             "password required pam_pwhistory.so remember=2 use_authtok\n"
             "password sufficient pam_unix.so sha512 rounds=1000\n");
  std::string hashes;
  for (const char* old : {"the oldest of all 1", "the middle one 22", "the newest one 333"}) {
    hashes += (hashes.empty() ? "" : ",");
    hashes += HashPassword(Password(old), {"$6$", 1000, 0})->Reveal();
  }
  etc_.Write("security/opasswd", "bob:1001:1:x\nalice:1000:3:" + hashes + "\n");
  EXPECT_EQ(ReasonFor("Winter-garden-17"), RejectionReason::kUsedBefore);
  EXPECT_EQ(ReasonFor("the newest one 333"), RejectionReason::kUsedBefore);
  EXPECT_EQ(ReasonFor("the middle one 22"), RejectionReason::kUsedBefore);
  EXPECT_FALSE(ReasonFor("the oldest of all 1"));
  etc_.Write("pam.d/common-password", "password sufficient pam_unix.so sha512 rounds=1000\n");
  EXPECT_FALSE(ReasonFor("the newest one 333")) << "no history configured";
  EXPECT_EQ(ReasonFor("Winter-garden-17"), RejectionReason::kUsedBefore);
}

TEST_F(MachineTest, MethodsThatReadABeginningOnlyRefuseTheRest) {
  etc_.Write("pam.d/common-password", "password sufficient pam_unix.so blowfish rounds=4\n");
  EXPECT_FALSE(ReasonFor(Repeated("0123456789ab", 6)));
  EXPECT_EQ(ReasonFor(Repeated("0123456789ab", 6) + "x"), RejectionReason::kTooLong);
}

TEST_F(MachineTest, EveryMethodMakesAHashThatThePasswordMatches) {
  for (const char* method : {"yescrypt rounds=1", "gost_yescrypt rounds=1", "sha512", "sha256",
                             "blowfish rounds=4", "md5"}) {
    etc_.Write("pam.d/common-password",
               std::string("password required pam_unix.so ") + method + "\n");
    const CheckedPassword checked = Check("copper lantern 42");
    const auto* hash = std::get_if<CryptHash>(&checked);
    ASSERT_NE(hash, nullptr) << method;
    EXPECT_TRUE(MatchesHash(Password("copper lantern 42"), hash->Reveal())) << method;
    EXPECT_FALSE(MatchesHash(Password("copper lantern 43"), hash->Reveal())) << method;
    EXPECT_TRUE(IsUsableHash(hash->Reveal())) << method;
  }
}

TEST(ChildWork, FaultsOfTheChildAreErrors) {
  const auto run = [](const std::function<ChildAnswer()>& work) {
    return RunInChild(work, std::chrono::seconds(20));
  };
  EXPECT_EQ(run([]() -> ChildAnswer { throw 1; }).error().code, Errc::kInternal);
  EXPECT_EQ(run([]() -> ChildAnswer {
              raise(SIGKILL);
              return {};
            })
                .error()
                .code,
            Errc::kInternal);
  EXPECT_EQ(run([] { return ChildAnswer(); }).error().code, Errc::kInternal);
  const auto good = run([] { return *ChildAnswer::CopyOf("answer"); });
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->Reveal(), "answer");
}

TEST(ChildWork, AnEndlessChildIsKilled) {
  const auto answer = RunInChild(
      []() -> ChildAnswer {
        while (true) pause();
      },
      std::chrono::milliseconds(20));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, Errc::kTimedOut);
}

}  // namespace
}  // namespace sspr::setpw
