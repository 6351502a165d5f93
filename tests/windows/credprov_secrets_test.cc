// SPDX-License-Identifier: Apache-2.0
// What was typed stays nowhere: not in the memory of LogonUI once the logon is handed over, which
// is what a dump of it would hold, and not in the event log.
#include <algorithm>
#include <cstring>

#include "credprov_win/machine/windows_event.h"
#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

constexpr unsigned char kMask = 0x5A;

// A password that is in memory only masked, but for while it is typed.
class Needle {
 public:
  Needle() {
    LARGE_INTEGER now{};
    QueryPerformanceCounter(&now);
    std::string text = "needle-" + std::to_string(now.QuadPart) + "-Zq7";
    for (char& c : text) masked_.push_back(static_cast<unsigned char>(c) ^ kMask);
    SecureZeroMemory(text.data(), text.size());
  }
  std::size_t size() const { return masked_.size(); }
  void Unmask(wchar_t* out) const {
    for (std::size_t i = 0; i < size(); ++i) out[i] = static_cast<wchar_t>(masked_[i] ^ kMask);
    out[size()] = 0;
  }
  // As single bytes or as UTF-16, from there on.
  bool IsAt(const unsigned char* at, std::size_t step) const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (at[i * step] != (masked_[i] ^ kMask)) return false;
      if (step == 2 && at[i * step + 1] != 0) return false;
    }
    return true;
  }

 private:
  std::vector<unsigned char> masked_;
};

// How often it is in what this process can write to.
int TimesInMemory(const Needle& needle) {
  int times = 0;
  MEMORY_BASIC_INFORMATION region{};
  for (unsigned char* at = nullptr; VirtualQuery(at, &region, sizeof region) == sizeof region;
       at = static_cast<unsigned char*>(region.BaseAddress) + region.RegionSize) {
    constexpr DWORD kWritten =
        PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    if (region.State != MEM_COMMIT || (region.Protect & kWritten) == 0 ||
        (region.Protect & PAGE_GUARD) != 0) {
      continue;
    }
    const auto* bytes = static_cast<const unsigned char*>(region.BaseAddress);
    for (std::size_t i = 0; i + 2 * needle.size() < region.RegionSize; ++i) {
      times += needle.IsAt(bytes + i, 1) || needle.IsAt(bytes + i, 2) ? 1 : 0;
    }
  }
  return times;
}

class Secrets : public LogonUi {};

TEST_F(Secrets, AreGoneFromMemoryOnceTheLogonIsHandedOver) {
  Script("begin\nask-hidden New password\nanswer\nask-hidden Again\nanswer\ndone 0 1 Set.\n");
  Show({kAlice});
  Select(0);
  Click(Field::kLink);
  Submit();
  const Needle needle;
  std::array<wchar_t, 64> typed{};
  for (int twice = 0; twice < 2; ++twice) {
    needle.Unmask(typed.data());
    Type(Field::kHiddenAnswer, typed.data());
    if (twice == 0) {
      EXPECT_GT(TimesInMemory(needle), 0);  // it can be seen
      Submit();
    }
  }
  Given given = Submit();
  SecureZeroMemory(typed.data(), sizeof typed);
  EXPECT_EQ(given.response, CPGSR_RETURN_CREDENTIAL_FINISHED);
  SecureZeroMemory(given.bytes.data(), given.bytes.size());
  EXPECT_EQ(TimesInMemory(needle), 0);
}

TEST_F(Secrets, AreGoneFromMemoryWhenThePersonLeaves) {
  Script("begin\nask-hidden New password\nanswer\nask-hidden Again\nanswer\n");
  Show({kAlice});
  Select(0);
  Click(Field::kLink);
  Submit();
  const Needle needle;
  std::array<wchar_t, 64> typed{};
  for (int twice = 0; twice < 2; ++twice) {
    needle.Unmask(typed.data());
    Type(Field::kHiddenAnswer, typed.data());
    if (twice == 0) Submit();
  }
  SecureZeroMemory(typed.data(), sizeof typed);
  Click(Field::kLeave);
  EXPECT_EQ(TimesInMemory(needle), 0);
}

std::vector<std::wstring> reported;

BOOL WINAPI KeepReport(HANDLE, WORD, WORD, DWORD, PSID, WORD count, DWORD bytes, LPCWSTR* texts,
                       LPVOID) {
  EXPECT_EQ(count, 1);
  EXPECT_EQ(bytes, 0u);
  reported.emplace_back(texts[0]);
  return TRUE;
}

TEST(EventLog, TakesNoWordsThatSteerAViewer) {
  ReplaceImport(GetModuleHandleW(nullptr), "ReportEventW", reinterpret_cast<void*>(&KeepReport));
  reported.clear();
  WriteWindowsEvent(EVENTLOG_INFORMATION_TYPE, 1,
                    "a\r\nfaked line \x1B[2J \xC2\x9B \xE2\x80\xAE turned \xFF torn");
  WriteWindowsEvent(EVENTLOG_INFORMATION_TYPE, 1, std::string(100'000, 'x'));
  ASSERT_EQ(reported.size(), 2u);
  for (const wchar_t c : reported[0]) {
    EXPECT_TRUE(c >= 0x20 && c != 0x7F && (c < 0x80 || c > 0x9F) && c != 0x202E && c != 0xFFFD);
  }
  EXPECT_NE(reported[0].find(L"a??faked line ?[2J ? ? turned ? torn"), std::wstring::npos)
      << testing::PrintToString(reported[0]);
  EXPECT_LT(reported[1].size(), 900u);
}

}  // namespace
}  // namespace sspr::test
