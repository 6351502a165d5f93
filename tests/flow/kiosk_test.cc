// SPDX-License-Identifier: Apache-2.0
// A device that strangers share: its section of sspr.conf, what it leaves out of the service's
// answers, its short words, and its budget.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "common/base/text.h"
#include "common/client/kiosk_rules.h"
#include "common/client/texts_tables.h"
#include "common/config/client_config.h"
#include "pam_module/flow/start_budget.h"

namespace sspr {
namespace {

using ::testing::HasSubstr;

Result<ClientConfig> ReadKiosk(const std::string& lines) {
  Result<IniFile> file =
      IniFile::Parse("[service]\nurl=https://h/t\n[kiosk]\n" + lines + "\n", "sspr.conf");
  if (!file.ok()) return file.error();
  return ReadClientConfig(*file);
}

TEST(Kiosk, IsOffUnlessTheAdministratorSaysSo) {
  const auto config = ReadKiosk("");
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_FALSE(config->kiosk.enabled);
  EXPECT_EQ(config->kiosk.budget_folder, "/run/sspr-flow");
}

TEST(Kiosk, EachKeyIsTaken) {
  const auto config = ReadKiosk(
      "enabled = yes\nmethods = app, phone\nidle_seconds = 45\nstarts_per_hour = 7\n"
      "budget_folder = /run/elsewhere");
  ASSERT_TRUE(config.ok()) << config.error().detail;
  const KioskConfig& kiosk = config->kiosk;
  EXPECT_TRUE(kiosk.enabled && kiosk.app && kiosk.phone);
  EXPECT_FALSE(kiosk.email || kiosk.approval);
  EXPECT_EQ(kiosk.idle.count(), 45);
  EXPECT_EQ(kiosk.starts_per_hour, 7);
  EXPECT_EQ(kiosk.budget_folder, "/run/elsewhere");
}

TEST(Kiosk, WhatIsWrittenWrongIsNamedWithItsLine) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"enabled = maybe", "enabled"},
      {"methods = fax", "email app approval phone"},
      {"methods = ,", "names none"},
      {"idle_seconds = 29", "idle_seconds"},
      {"idle_seconds = 301", "idle_seconds"},
      {"starts_per_hour = 0", "starts_per_hour"},
      {"budget_folder = here", "budget_folder"}};
  for (const auto& [line, named] : kWrong) {
    const auto config = ReadKiosk(line);
    ASSERT_FALSE(config.ok()) << line;
    EXPECT_THAT(config.error().detail, HasSubstr("sspr.conf:4")) << line;
    EXPECT_THAT(config.error().detail, HasSubstr(named)) << line;
  }
}

TEST(Kiosk, AddressesAreMaskedOnceAndNumbersToo) {
  EXPECT_EQ(MaskedTarget("alice@example.org"), "a***@example.org");
  EXPECT_EQ(MaskedTarget("a***e@example.org"), "a***e@example.org");
  EXPECT_EQ(MaskedTarget("\u2022\u2022\u202257"), "\u2022\u2022\u202257");
  EXPECT_EQ(MaskedTarget("ümit@example.org"), "***@example.org");
  EXPECT_EQ(MaskedTarget("@example.org"), "***@example.org");
  EXPECT_EQ(MaskedTarget("+49 171 1234557"), "***57");
  EXPECT_EQ(MaskedTarget("123"), "***");
  EXPECT_EQ(MaskedTarget("Alice's phone"), "***");
  EXPECT_EQ(MaskedTarget(""), "");
}

Started WithAllMethods() {
  Started started;
  started.gates = GateList{{{"m", MethodKind::kEmailCode, "alice@example.org"},
                            {"a", MethodKind::kAuthenticatorCode, ""},
                            {"p", MethodKind::kApproval, ""}}};
  return started;
}

TEST(Kiosk, NothingButTheChosenMethodsIsOffered) {
  KioskConfig kiosk;
  kiosk.email = kiosk.approval = kiosk.phone = false;
  ServiceReply reply = WithAllMethods();
  RestrictToKiosk(kiosk, reply);
  const auto& methods = std::get<Started>(reply).gates->methods;
  ASSERT_EQ(methods.size(), 1u);
  EXPECT_EQ(methods[0].id, "a");

  Refused refused;
  refused.gates = WithAllMethods().gates;
  reply = refused;
  RestrictToKiosk(kiosk, reply);
  EXPECT_EQ(std::get<Refused>(reply).gates->methods.size(), 1u);

  ServiceFeatures features;
  features.hand_off = true;
  reply = features;
  RestrictToKiosk(kiosk, reply);
  EXPECT_FALSE(std::get<ServiceFeatures>(reply).hand_off);

  // A service that names none would send a mail.
  reply = Started{};
  RestrictToKiosk(kiosk, reply);
  ASSERT_TRUE(std::get<Started>(reply).gates.has_value());
  EXPECT_TRUE(std::get<Started>(reply).gates->methods.empty());
}

TEST(Kiosk, AddressesOfAllAnswersAreMasked) {
  const KioskConfig kiosk;
  Started started = WithAllMethods();
  started.live_challenge = Challenge{};
  started.live_challenge->label = "alice@example.org";
  ServiceReply reply = started;
  RestrictToKiosk(kiosk, reply);
  EXPECT_EQ(std::get<Started>(reply).gates->methods[0].hint, "a***@example.org");
  EXPECT_EQ(std::get<Started>(reply).live_challenge->label, "a***@example.org");
  Challenge challenge;
  challenge.label = "alice@example.org";
  reply = challenge;
  RestrictToKiosk(kiosk, reply);
  EXPECT_EQ(std::get<Challenge>(reply).label, "a***@example.org");
}

TEST(Kiosk, ShortWordsAreThereInAllLanguagesCleanAndWithNoPlaceOfTheirOwn) {
  int found = 0;
  for (int id = 1; id <= static_cast<int>(kLastTextId); ++id) {
    const auto text = static_cast<TextId>(id);
    if (PlainTextOf(Language::kEnglish, text) == nullptr) continue;
    ++found;
    for (const Language language : {Language::kEnglish, Language::kGerman, Language::kFrench,
                                    Language::kSpanish, Language::kArabic}) {
      const std::string_view words = PlainTextOf(language, text);
      const std::string_view usual = TextsOf(language)[static_cast<std::size_t>(id)].text;
      EXPECT_TRUE(IsCleanText(words, Lines::kMany)) << words;
      EXPECT_LE(CountCodePoints(words), 60u) << words;
      EXPECT_EQ(words.ends_with(": "), usual.ends_with(": ")) << words;
      for (const char* place : {"{0}", "{1}"}) {
        EXPECT_TRUE(words.find(place) == std::string_view::npos ||
                    usual.find(place) != std::string_view::npos)
            << words;
      }
    }
  }
  EXPECT_GE(found, 12);
}

TEST(Kiosk, ShortWordsAreSaidAtAKioskAlone) {
  const Text said{TextId::kSet, {}};
  EXPECT_EQ(Texts(Language::kEnglish, "", "", true).Say(said), "Done. Use the new password.");
  EXPECT_NE(Texts(Language::kEnglish, "", "").Say(said),
            Texts(Language::kEnglish, "", "", true).Say(said));
}

class StartBudget : public ::testing::Test {
 protected:
  StartBudget() {
    char name[] = "/tmp/sspr-budget-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~StartBudget() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(StartBudget, IsUsedUpAndComesBackAfterAnHour) {
  constexpr std::int64_t kNow = 1'800'000'000;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(TakeStart(folder_, 3, kNow + i).ok());
  const Status over = TakeStart(folder_, 3, kNow + 3);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.error().code, Errc::kDenied);
  EXPECT_TRUE(TakeStart(folder_, 3, kNow + 3600).ok());
  EXPECT_FALSE(TakeStart(folder_, 3, kNow + 3600).ok());
}

TEST_F(StartBudget, AClockThatWasSetBackDoesNotLockTheDevice) {
  EXPECT_TRUE(TakeStart(folder_, 1, 1'900'000'000).ok());
  EXPECT_TRUE(TakeStart(folder_, 1, 1'800'000'000).ok());
}

TEST_F(StartBudget, OtherFilesDoNotCountAndStay) {
  std::ofstream(folder_ + "/start-x") << "";
  std::ofstream(folder_ + "/keep") << "";
  EXPECT_TRUE(TakeStart(folder_, 1, 1'800'000'000).ok());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/keep"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/start-x"));
}

TEST_F(StartBudget, WhoComeAtOnceGetNoMoreThanThereIs) {
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (TakeStart(folder_, 5, 1'800'000'000).ok()) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 5);
}

TEST_F(StartBudget, AFolderOfOthersIsNotUsed) {
  ASSERT_EQ(chmod(folder_.c_str(), 0777), 0);
  EXPECT_EQ(TakeStart(folder_, 5, 1'800'000'000).error().code, Errc::kInternal);
  EXPECT_EQ(TakeStart(folder_ + "/none", 5, 1'800'000'000).error().code, Errc::kInternal);
  const std::string link = folder_ + "-link";
  ASSERT_EQ(chmod(folder_.c_str(), 0700), 0);
  ASSERT_EQ(symlink(folder_.c_str(), link.c_str()), 0);
  EXPECT_EQ(TakeStart(link, 5, 1'800'000'000).error().code, Errc::kInternal);
  ASSERT_EQ(unlink(link.c_str()), 0);
}

}  // namespace
}  // namespace sspr
