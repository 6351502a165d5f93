// SPDX-License-Identifier: Apache-2.0
// The serialised logon against Windows' own structure, names split for it, and the table of fields.
#include "credprov_win/core/logon_packing.h"

#include <gtest/gtest.h>

#include <vector>

#include "credprov_win/core/account_name.h"
#include "credprov_win/dll/fields.h"
#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

std::vector<unsigned char> Packed(LogonKind kind, const LogonTexts& texts) {
  std::vector<unsigned char> bytes(PackedLogonBytes(texts), 0xEE);
  EXPECT_TRUE(PackLogon(kind, texts, bytes));
  return bytes;
}

TEST(LogonPacking, IsTheStructureOfWindows) {
  for (const LogonKind kind : {LogonKind::kInteractive, LogonKind::kUnlock}) {
    const DecodedLogon logon = Decode(Packed(kind, {u"CORP", u"alice", u"p\u00E4ss\u20AC"}));
    EXPECT_TRUE(logon.sound);
    EXPECT_EQ(logon.message_type,
              kind == LogonKind::kUnlock ? KerbWorkstationUnlockLogon : KerbInteractiveLogon);
    EXPECT_EQ(logon.domain, L"CORP");
    EXPECT_EQ(logon.user, L"alice");
    EXPECT_EQ(logon.password, L"p\u00E4ss\u20AC");
  }
}

TEST(LogonPacking, TakesEveryLengthOfEveryText) {
  const std::u16string text(600, u'x');
  for (std::size_t length = 0; length <= text.size(); length += 7) {
    const std::u16string_view part = std::u16string_view(text).substr(0, length);
    EXPECT_EQ(Decode(Packed(LogonKind::kInteractive, {part, u"a", u""})).domain.size(), length);
    EXPECT_EQ(Decode(Packed(LogonKind::kInteractive, {u"", part, u"b"})).user.size(), length);
    EXPECT_EQ(Decode(Packed(LogonKind::kInteractive, {u"", u"a", part})).password.size(), length);
    EXPECT_TRUE(Decode(Packed(LogonKind::kUnlock, {part, part, part})).sound);
  }
}

TEST(LogonPacking, WritesNothingIntoMemoryOfAnotherSize) {
  const LogonTexts texts{u"CORP", u"alice", u"secret"};
  std::vector<unsigned char> bytes(PackedLogonBytes(texts) + 1, 0xEE);
  EXPECT_FALSE(PackLogon(LogonKind::kInteractive, texts, bytes));
  EXPECT_FALSE(PackLogon(LogonKind::kInteractive, texts,
                         std::span<unsigned char>(bytes).first(bytes.size() - 2)));
  for (const unsigned char byte : bytes) EXPECT_EQ(byte, 0xEE);
}

TEST(LogonPacking, RefusesATextThatAUnicodeStringCannotSay) {
  const std::u16string longest(0x7FFF, u'x');
  const std::u16string longer(0x8000, u'x');
  EXPECT_NE(PackedLogonBytes({longest, u"", u""}), 0u);
  EXPECT_EQ(PackedLogonBytes({longer, u"", u""}), 0u);
  EXPECT_EQ(PackedLogonBytes({u"", u"", longer}), 0u);
}

struct NameCase {
  const wchar_t* typed;
  const wchar_t* domain;
  const wchar_t* user;
  AccountHome home;
};

TEST(AccountName, SplitsWhatWindowsShowsAndPeopleType) {
  for (const NameCase& c : std::vector<NameCase>{
           {L"CORP\\alice", L"CORP", L"alice", AccountHome::kDirectory},
           {L"alice", L"", L"alice", AccountHome::kDirectory},
           {L"alice@corp.example", L"", L"alice@corp.example", AccountHome::kDirectory},
           {L"AzureAD\\alice@corp.example", L"AzureAD", L"alice@corp.example",
            AccountHome::kDirectory},
           {L".\\alice", L".", L"alice", AccountHome::kComputer},
           {L"desk-7\\alice", L"desk-7", L"alice", AccountHome::kComputer},
           {L"MicrosoftAccount\\a@outlook.example", L"MicrosoftAccount", L"a@outlook.example",
            AccountHome::kMicrosoft},
           {L"DESK-77\\alice", L"DESK-77", L"alice", AccountHome::kDirectory},
           {L"\\alice", L"", L"", AccountHome::kDirectory},
           {L"A\\B\\c", L"", L"", AccountHome::kDirectory},
           {L"CORP\\", L"CORP", L"", AccountHome::kDirectory},
           {L"", L"", L"", AccountHome::kDirectory}}) {
    const AccountName name = SplitAccountName(c.typed, L"DESK-7");
    EXPECT_EQ(name.domain, c.domain) << c.typed;
    EXPECT_EQ(name.user, c.user) << c.typed;
    EXPECT_EQ(name.home, c.home) << c.typed;
  }
}

TEST(TileTexts, AreThereInBothLanguagesAndDiffer) {
  for (int i = 0; i <= static_cast<int>(kLastTileText); ++i) {
    const auto text = static_cast<TileText>(i);
    const std::wstring english = TileWords(text, TileLanguage::kEnglish);
    const std::wstring german = TileWords(text, TileLanguage::kGerman);
    EXPECT_FALSE(english.empty()) << i;
    EXPECT_NE(english, german) << i;
    EXPECT_LT(german.size(), 400u) << i;
  }
}

TEST(Fields, EachStageShowsOneWayOnAndOneWayOut) {
  for (std::uint8_t i = 0; i < kStageCount; ++i) {
    const auto stage = static_cast<Stage>(i);
    const auto sees = [&](Field field) {
      return StateIn(*EntryOf(static_cast<DWORD>(field)), stage) != CPFS_HIDDEN;
    };
    EXPECT_NE(sees(Field::kLink), sees(Field::kSubmit)) << int{i};
    EXPECT_EQ(sees(Field::kSubmit), sees(Field::kLeave)) << int{i};
    EXPECT_TRUE(sees(Field::kNotice)) << int{i};
    int answers = 0;
    int focused = 0;
    for (DWORD f = 0; f < kFieldCount; ++f) {
      const auto field = static_cast<Field>(f);
      const auto type = EntryOf(f)->type;
      const bool answer =
          type == CPFT_EDIT_TEXT || type == CPFT_PASSWORD_TEXT || type == CPFT_COMBOBOX;
      answers += answer && sees(field) ? 1 : 0;
      if (!IsFocusedIn(field, stage)) continue;
      ++focused;
      EXPECT_TRUE(answer && sees(field)) << f;
    }
    EXPECT_EQ(answers, stage == Stage::kLink || stage == Stage::kStart ? 0 : 1) << int{i};
    EXPECT_EQ(focused, answers) << int{i};
  }
}

}  // namespace
}  // namespace sspr::test
