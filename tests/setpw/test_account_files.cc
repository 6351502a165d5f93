// SPDX-License-Identifier: Apache-2.0
// Who may be reset, and what becomes of the files: hostile names, doubled and broken lines, dates,
// groups, leftovers, links.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "pam_module/setpw/account_files.h"
#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/failure_tally.h"
#include "pam_module/setpw/shadow_text.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::setpw {
namespace {

constexpr char kHash[] = "$6$salt$theHashOfAlice";
constexpr char kNewHash[] = "$y$j9T$salt$theNewHash";
constexpr std::int64_t kToday = 19700;

struct Texts {
  std::string passwd = "alice:x:1000:1000:Alice:/home/alice:/bin/bash\n";
  std::string shadow = std::string("alice:") + kHash + ":19000:0:99999:7:::\n";
  std::string group = "alice:x:1000:\nsudo:x:27:carol,bob\nwheel:x:10:\n";
};

Lookup Find(const Texts& texts, std::string_view name = "alice") {
  AccountLimits limits;
  limits.deny_groups = {"sudo", "wheel"};
  return FindAccount({texts.passwd, texts.shadow, texts.group}, limits, name, kToday);
}

std::optional<RefusalReason> ReasonOf(const Lookup& found) {
  const auto* refusal = std::get_if<Refusal>(&found);
  return refusal == nullptr ? std::nullopt : std::optional(refusal->reason);
}

TEST(Eligibility, AnOrdinaryAccountMayBeReset) { EXPECT_FALSE(ReasonOf(Find({}))); }

TEST(Eligibility, HostileNamesAreRefusedNotStripped) {
  for (const std::string name :
       {"", "al:ice", "alice\n", "alice\r", "alice/", "..", "a,b", "alice#", "\"alice\"", "'alice'",
        "-alice", "alice\x9B", "alice ", "ali*ce", "alice\\0", "$(id)"}) {
    EXPECT_TRUE(ReasonOf(Find({}, name))) << name;
  }
  EXPECT_TRUE(ReasonOf(Find({}, std::string("alice\0", 6))));
}

TEST(Eligibility, PasswdLinesThatAreNoOrdinaryAccountAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"uid 0", "alice:x:0:1000::/:/bin/sh\n"},
      {"uid 00", "alice:x:00:1000::/:/bin/sh\n"},
      {"uid -1", "alice:x:-1:1000::/:/bin/sh\n"},
      {"uid +1000", "alice:x:+1000:1000::/:/bin/sh\n"},
      {"uid 4294967295", "alice:x:4294967295:1000::/:/bin/sh\n"},
      {"uid 4294968296, 1000 when cut to 32 bits", "alice:x:4294968296:1000::/:/bin/sh\n"},
      {"uid empty", "alice:x::1000::/:/bin/sh\n"},
      {"uid with a space", "alice:x: 1000:1000::/:/bin/sh\n"},
      {"uid of the system", "alice:x:999:1000::/:/bin/sh\n"},
      {"uid above the range", "alice:x:60001:1000::/:/bin/sh\n"},
      {"nobody's uid", "alice:x:65534:1000::/:/bin/sh\n"},
      {"a dynamic user", "alice:x:61184:1000::/:/bin/sh\n"},
      {"hash in passwd", "alice:$6$salt$theHashOfAlice:1000:1000::/:/bin/sh\n"},
      {"no password field", "alice::1000:1000::/:/bin/sh\n"},
      {"too few fields", "alice:x:1000:1000::/\n"},
      {"too many fields", "alice:x:1000:1000::/:/bin/sh:more\n"},
      {"nologin", "alice:x:1000:1000::/:/usr/sbin/nologin\n"},
      {"false", "alice:x:1000:1000::/:/bin/false\n"},
      {"in two lines", "alice:x:1000:1000::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n"},
      {"uid of two names", "alice:x:1000:1000::/:/bin/sh\nbob:x:1000:1000::/:/bin/sh\n"},
      {"name but for case", "alice:x:1000:1000::/:/bin/sh\nAlice:x:1001:1000::/:/bin/sh\n"},
      {"primary group denied", "alice:x:1000:27::/:/bin/sh\n"},
  };
  for (const auto& [what, passwd] : cases) {
    Texts texts;
    texts.passwd = passwd;
    EXPECT_EQ(ReasonOf(Find(texts)), RefusalReason::kNotPermitted) << what;
  }
  Texts texts;
  texts.passwd = "+alice:x:1000:1000::/:/bin/sh\n";
  EXPECT_EQ(ReasonOf(Find(texts)), RefusalReason::kNotLocal);
  EXPECT_EQ(ReasonOf(Find(texts, "+alice")), RefusalReason::kNotPermitted);
}

TEST(Eligibility, RootIsNeverOpenedByLimits) {
  Texts texts;
  texts.passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:1000:1000::/:/bin/sh\n";
  texts.shadow = std::string("root:") + kHash + ":19000::::::\nnobody:" + kHash + ":19000::::::\n";
  AccountLimits everything;
  everything.min_uid = 0;
  everything.max_uid = 4294967295;
  for (const char* name : {"root", "nobody"}) {
    EXPECT_TRUE(
        ReasonOf(FindAccount({texts.passwd, texts.shadow, texts.group}, everything, name, kToday)));
  }
}

TEST(Eligibility, ShadowLinesWithoutAPasswordThatHoldsAreRefused) {
  const std::string hash = kHash;
  const std::pair<const char*, std::string> cases[] = {
      {"no line", "bob:" + hash + ":19000:0:99999:7:::\n"},
      {"two lines", "alice:" + hash + ":19000::::::\nalice:" + hash + ":19000::::::\n"},
      {"empty", "alice::19000:0:99999:7:::\n"},
      {"locked", "alice:!" + hash + ":19000:0:99999:7:::\n"},
      {"locked twice", "alice:!!:19000:0:99999:7:::\n"},
      {"none", "alice:*:19000:0:99999:7:::\n"},
      {"x", "alice:x:19000:0:99999:7:::\n"},
      {"*LK*", "alice:*LK*:19000:0:99999:7:::\n"},
      {"too few fields", "alice:" + hash + ":19000:0:99999:7::\n"},
      {"too many fields", "alice:" + hash + ":19000:0:99999:7::::\n"},
      {"expired today", "alice:" + hash + ":19000:0:99999:7::19700:\n"},
      {"inactive", "alice:" + hash + ":19000:0:90:7:30::\n"},
      {"unreadable date", "alice:" + hash + ":19000:0:9x:7:::\n"},
  };
  for (const auto& [what, shadow] : cases) {
    Texts texts;
    texts.shadow = shadow;
    EXPECT_EQ(ReasonOf(Find(texts)), RefusalReason::kNotPermitted) << what;
  }
  for (const char* dates : {"19000:0:99999:7::19701:", "0::::::", "::::::", "19650:0:30:7:60::",
                            "19000:0:-1:-1:-1:-1:", "19690:0:5:7:::"}) {
    Texts texts;
    texts.shadow = "alice:" + hash + ":" + dates + "\n";
    EXPECT_FALSE(ReasonOf(Find(texts))) << dates;
  }
}

TEST(Eligibility, MembersOfDeniedGroupsAreRefused) {
  for (const char* group : {"sudo:x:27:alice\n", "sudo:x:27:bob,alice\n", "wheel:x:10:alice,\n",
                            "other:x:5:\nsudo:x:27:bob\nsudo:x:27:alice\n"}) {
    Texts texts;
    texts.group = group;
    EXPECT_EQ(ReasonOf(Find(texts)), RefusalReason::kNotPermitted) << group;
  }
  for (const char* group : {"sudo:x:27:alice2,malice\n", "sudoers:x:27:alice\n", "", "sudo\n"}) {
    Texts texts;
    texts.group = group;
    EXPECT_FALSE(ReasonOf(Find(texts))) << group;
  }
}

TEST(ShadowText, OnlyHashAndDayOfOneLineChange) {
  const std::string before = std::string("root:*:1::::::\n#odd line\n\nalice:") + kHash +
                             ":19000:0:99999:7:30:20000:x\nalice2:" + kHash + ":1::::::\n";
  const auto after = ShadowWithNewHash(before, "alice", kNewHash, kToday);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->View(), std::string("root:*:1::::::\n#odd line\n\nalice:") + kNewHash +
                               ":19700:0:99999:7:30:20000:x\nalice2:" + kHash + ":1::::::\n");
}

TEST(ShadowText, AMissingNewlineAtTheEndStaysMissing) {
  const auto after =
      ShadowWithNewHash(std::string("alice:") + kHash + ":19000::::::", "alice", kNewHash, kToday);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->View(), std::string("alice:") + kNewHash + ":19700::::::");
}

TEST(ShadowText, ADayOfTheFutureAndAForcedChange) {
  const auto day_after = [](const std::string& day) {
    const auto after = ShadowWithNewHash("alice:*:" + day + "::::::\n", "alice", kNewHash, kToday);
    return std::string(SplitFields(after->View(), ':').at(2));
  };
  EXPECT_EQ(day_after("20000"), "20000") << "the clock is behind";
  EXPECT_EQ(day_after("0"), "19700") << "a forced change is fulfilled";
  EXPECT_EQ(day_after(""), "19700");
}

TEST(ShadowText, WhatCannotStandInAFieldIsNotWritten) {
  const std::string shadow = std::string("alice:") + kHash + ":19000::::::\n";
  for (const char* hash : {"", "short", "$6$salt$with:colon", "$6$salt$with\nnewline",
                           "!$6$salt$locked.hash", "$6$salt$with space"}) {
    EXPECT_FALSE(ShadowWithNewHash(shadow, "alice", hash, kToday).ok()) << hash;
  }
  EXPECT_FALSE(ShadowWithNewHash(shadow, "alice", kNewHash, 0).ok()) << "clock unset";
  EXPECT_FALSE(ShadowWithNewHash(shadow, "bob", kNewHash, kToday).ok());
  EXPECT_FALSE(ShadowWithNewHash(shadow, "alice:x", kNewHash, kToday).ok());
  EXPECT_FALSE(ShadowWithNewHash(shadow + shadow, "alice", kNewHash, kToday).ok());
  EXPECT_FALSE(ShadowWithNewHash(shadow + '\0', "alice", kNewHash, kToday).ok());
}

TEST(HistoryText, KeepsTheNewestAndIsRepeatable) {
  const auto add = [](std::string_view text, std::string_view hash) {
    return std::string(HistoryWithHash(text, "alice", 1000, hash, 2).View());
  };
  const std::string one = add("bob:1001:1:h0\n", "h1");
  EXPECT_EQ(one, "bob:1001:1:h0\nalice:1000:1:h1\n");
  EXPECT_EQ(add(one, "h1"), one);
  EXPECT_EQ(add(add(one, "h2"), "h3"), "bob:1001:1:h0\nalice:1000:2:h2,h3\n");
}

class AccountFilesTest : public ::testing::Test {
 protected:
  AccountFilesTest() {
    const Texts texts;
    folder_.Write("passwd", texts.passwd);
    folder_.Write("shadow", texts.shadow);
    folder_.Write("group", texts.group);
    chmod(folder_.File("shadow").c_str(), 0640);
  }
  SetOutcome Set() {
    AccountFiles::Settings settings;
    settings.etc = folder_.Path();
    settings.tally_folder = folder_.File("faillock");
    settings.note = [this](const std::string& text) { notes_ += text + "\n"; };
    AccountFiles files(std::move(settings), clock_);
    return files.SetHash({"alice", 1000, FingerprintOf(kHash), kNewHash, 0});
  }
  test::ScratchFolder folder_;
  FakeClock clock_;
  std::string notes_;
};

TEST_F(AccountFilesTest, KeepsModeAndRemovesLeftovers) {
  folder_.Write(".shadow.sspr-new", "half a fi");
  EXPECT_EQ(Set(), SetOutcome::kSet) << notes_;
  struct stat about {};
  ASSERT_EQ(stat(folder_.File("shadow").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0640u);
  EXPECT_FALSE(folder_.Has(".shadow.sspr-new"));
}

TEST_F(AccountFilesTest, ALinkInThePlaceOfTheNewFileIsReplacedNotFollowed) {
  folder_.Write("victim", "precious");
  ASSERT_EQ(symlink("victim", folder_.File(".shadow.sspr-new").c_str()), 0);
  EXPECT_EQ(Set(), SetOutcome::kSet);
  EXPECT_EQ(folder_.Read("victim"), "precious");
}

TEST_F(AccountFilesTest, AShadowThatIsALinkIsNotTouched) {
  std::filesystem::rename(folder_.File("shadow"), folder_.File("elsewhere"));
  ASSERT_EQ(symlink("elsewhere", folder_.File("shadow").c_str()), 0);
  const std::string before = folder_.Read("elsewhere");
  EXPECT_EQ(Set(), SetOutcome::kFailed);
  EXPECT_EQ(folder_.Read("elsewhere"), before);
}

TEST_F(AccountFilesTest, ANulInAFileStopsEverything) {
  folder_.Write("group", std::string("a\0b\n", 4));
  EXPECT_EQ(Set(), SetOutcome::kFailed);
}

TEST_F(AccountFilesTest, WhoBecameAnAdministratorIsNotTouched) {
  AccountFiles::Settings settings;
  settings.etc = folder_.Path();
  settings.limits.deny_groups = {"sudo"};
  settings.note = [](const std::string&) {};
  folder_.Write("group", "sudo:x:27:alice\n");
  AccountFiles files(std::move(settings), clock_);
  EXPECT_EQ(files.SetHash({"alice", 1000, FingerprintOf(kHash), kNewHash, 0}),
            SetOutcome::kChanged);
}

TEST_F(AccountFilesTest, ATallyThatIsNoPlainFileIsLeftAlone) {
  std::filesystem::create_directory(folder_.File("faillock"));
  const std::string tally = folder_.File("faillock/alice");
  folder_.Write("victim", "precious");
  ASSERT_EQ(symlink(folder_.File("victim").c_str(), tally.c_str()), 0);
  EXPECT_FALSE(ClearFailureTally(folder_.File("faillock"), "alice", 1000).ok());
  std::filesystem::remove(tally);
  std::filesystem::create_hard_link(folder_.File("victim"), tally);
  EXPECT_FALSE(ClearFailureTally(folder_.File("faillock"), "alice", 1000).ok());
  std::filesystem::remove(tally);
  EXPECT_TRUE(ClearFailureTally(folder_.File("faillock"), "alice", 1000).ok()) << "none there";
  EXPECT_EQ(folder_.Read("victim"), "precious");
  EXPECT_EQ(Set(), SetOutcome::kSet);
}

TEST(FailureTally, FolderIsTheConfiguredOne) {
  const test::ScratchFolder etc;
  EXPECT_EQ(FailureTallyFolder(etc.Path()), "/run/faillock");
  std::filesystem::create_directory(etc.File("security"));
  etc.Write("security/faillock.conf", "# dir = /wrong\n dir = /var/lib/tally # here\n");
  EXPECT_EQ(FailureTallyFolder(etc.Path()), "/var/lib/tally");
}

// A record as pam_faillock writes it.
std::string FailureAt(std::uint64_t time, std::uint16_t status = 1) {
  std::string record(64, '\0');
  std::memcpy(record.data() + 54, &status, sizeof status);
  std::memcpy(record.data() + 56, &time, sizeof time);
  return record;
}

TEST(FailureTally, LimitsAreThoseOfTheFileAndOfTheLines) {
  const test::ScratchFolder etc;
  const FailureLimits usual = ReadFailureLimits(etc.Path());
  EXPECT_EQ(usual.deny, 3u);
  EXPECT_EQ(usual.fail_interval, 900u);
  EXPECT_EQ(usual.unlock_time, 600u);
  std::filesystem::create_directory(etc.File("security"));
  std::filesystem::create_directory(etc.File("pam.d"));
  etc.Write("security/faillock.conf", "deny = 5\nunlock_time = never\n# fail_interval = 1\n");
  etc.Write("pam.d/common-auth",
            "auth required pam_faillock.so preauth deny=7 silent\n"
            "auth [default=die] pam_faillock.so authfail fail_interval=60\n");
  const FailureLimits written = ReadFailureLimits(etc.Path());
  EXPECT_EQ(written.deny, 7u);
  EXPECT_EQ(written.fail_interval, 60u);
  EXPECT_EQ(written.unlock_time, 0u);
}

TEST(FailureTally, AnAccountIsLockedWhenPamFaillockWouldRefuseIt) {
  const test::ScratchFolder folder;
  const FailureLimits limits{3, 900, 600};
  const auto locked = [&](const std::string& tally, const FailureLimits& with, UnixSeconds now) {
    folder.Write("alice", tally);
    return IsLockedByFailures(folder.Path(), "alice", with, now);
  };
  const std::string two = FailureAt(1000) + FailureAt(1100);
  EXPECT_FALSE(IsLockedByFailures(folder.Path(), "alice", limits, 1200)) << "no tally";
  EXPECT_FALSE(IsLockedByFailures(folder.Path() + "/none", "alice", limits, 1200));
  EXPECT_FALSE(locked(two, limits, 1200));
  EXPECT_TRUE(locked(two + FailureAt(1150), limits, 1200));
  EXPECT_TRUE(locked(two + FailureAt(1150), limits, 1750));
  EXPECT_FALSE(locked(two + FailureAt(1150), limits, 1751)) << "unlocked by itself";
  EXPECT_TRUE(locked(two + FailureAt(1150), {3, 900, 0}, 999'999)) << "never by itself";
  EXPECT_FALSE(locked(two + FailureAt(1150), {0, 900, 600}, 1200)) << "nobody is kept out";
  EXPECT_FALSE(locked(two + FailureAt(1900), limits, 1950)) << "the first is too old";
  EXPECT_FALSE(locked(two + FailureAt(1150, 0), limits, 1200)) << "one is not valid any more";
  EXPECT_FALSE(locked(two + FailureAt(1150).substr(0, 63), limits, 1200)) << "torn";
}

}  // namespace
}  // namespace sspr::setpw
