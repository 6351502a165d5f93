// SPDX-License-Identifier: Apache-2.0
// The ways in which the provider takes itself out of the way, and that it leaves nothing behind.
#include <winternl.h>

#include <cstdio>
#include <vector>

#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

constexpr wchar_t kStateKey[] = L"SOFTWARE\\SSPR Login\\Provider";
constexpr wchar_t kPolicyKey[] = L"SOFTWARE\\Policies\\SSPR Login";

void SetNumber(const wchar_t* key, const wchar_t* name, DWORD value) {
  ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, REG_DWORD, &value, sizeof value),
            ERROR_SUCCESS);
}

DWORD UnfinishedStarts() {
  DWORD value = 99;
  DWORD size = sizeof value;
  RegGetValueW(HKEY_LOCAL_MACHINE, kStateKey, L"UnfinishedStarts", RRF_RT_REG_DWORD, nullptr,
               &value, &size);
  return value;
}

class Switches : public LogonUi {
 protected:
  // What is counted in this process is crossed off first.
  void Finish() {
    provider->UnAdvise();
    Close();
  }
  void ExpectOff() {
    EXPECT_EQ(Create(), CLASS_E_CLASSNOTAVAILABLE);
    EXPECT_EQ(provider, nullptr);
  }
};

TEST_F(Switches, APolicySwitchesItOff) {
  Finish();
  SetNumber(kPolicyKey, L"Disabled", 1);
  ExpectOff();
  SetNumber(kPolicyKey, L"Disabled", 0);
  EXPECT_EQ(Create(), S_OK);
}

TEST_F(Switches, AStartCountsUntilTheTileIsDescribed) {
  EXPECT_EQ(UnfinishedStarts(), 1u);
  Show({kAlice});
  EXPECT_EQ(UnfinishedStarts(), 1u);
  Select(0);
  EXPECT_EQ(UnfinishedStarts(), 0u);
}

TEST_F(Switches, AStartThatIsGivenUpInOrderCountsForNothing) {
  provider->UnAdvise();
  EXPECT_EQ(UnfinishedStarts(), 0u);
}

TEST_F(Switches, ThreeUnfinishedStartsSwitchItOffUntilTheCountIsSetBack) {
  Finish();
  SetNumber(kStateKey, L"UnfinishedStarts", 2);
  EXPECT_EQ(Create(), S_OK);
  EXPECT_EQ(UnfinishedStarts(), 3u);
  Finish();
  SetNumber(kStateKey, L"UnfinishedStarts", 3);
  ExpectOff();
  ExpectOff();
  EXPECT_EQ(UnfinishedStarts(), 3u);
  SetNumber(kStateKey, L"UnfinishedStarts", 0);
  EXPECT_EQ(Create(), S_OK);
}

struct Footprint {
  DWORD handles = 0;
  std::size_t blocks = 0;
  std::size_t bytes = 0;
};

struct HandleEntry {  // SYSTEM_HANDLE_TABLE_ENTRY_INFO
  USHORT pid;
  USHORT creator;
  UCHAR type;
  UCHAR flags;
  USHORT handle;
  PVOID object;
  ULONG access;
};

// Wine knows no GetProcessHandleCount, but the list of all handles.
DWORD CountHandles() {
  constexpr auto kSystemHandleInformation = static_cast<SYSTEM_INFORMATION_CLASS>(16);
  std::vector<BYTE> memory(1 << 20);
  ULONG size = 0;
  EXPECT_EQ(NtQuerySystemInformation(kSystemHandleInformation, memory.data(),
                                     static_cast<ULONG>(memory.size()), &size),
            0);
  const ULONG count = *reinterpret_cast<const ULONG*>(memory.data());
  const auto* entries = reinterpret_cast<const HandleEntry*>(memory.data() + 8);
  DWORD ours = 0;
  for (ULONG i = 0; i < count; ++i) {
    if (entries[i].pid == static_cast<USHORT>(GetCurrentProcessId())) ++ours;
  }
  return ours;
}

// Every handle, and every busy block of every heap, of the process.
Footprint Measure() {
  Footprint footprint;
  footprint.handles = CountHandles();
  EXPECT_GT(footprint.handles, 0u);
  HANDLE heaps[64] = {};
  const DWORD count = GetProcessHeaps(64, heaps);
  for (DWORD i = 0; i < count && i < 64; ++i) {
    PROCESS_HEAP_ENTRY entry{};
    HeapLock(heaps[i]);
    while (HeapWalk(heaps[i], &entry)) {
      if ((entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) == 0) continue;
      ++footprint.blocks;
      footprint.bytes += entry.cbData;
    }
    HeapUnlock(heaps[i]);
  }
  return footprint;
}

void Print(const char* what, const Footprint& before, const Footprint& after) {
  std::printf("%s: handles %lu -> %lu, blocks %zu -> %zu, bytes %zu -> %zu\n", what, before.handles,
              after.handles, before.blocks, after.blocks, before.bytes, after.bytes);
}

TEST_F(Switches, TenThousandTilesLeaveNothingBehind) {
  const auto cycle = [&] {
    Close();
    ASSERT_EQ(Create(), S_OK);
    Show({kAlice}, true);
    Select(0);
    Click(Field::kLink);
    EXPECT_TRUE(Sees(Field::kSubmit));
    Type(Field::kHiddenAnswer, L"typed");
    EXPECT_EQ(tile->SetDeselected(), S_OK);
  };
  for (int i = 0; i < 100; ++i) cycle();  // what is made once has been made
  const Footprint before = Measure();
  for (int i = 0; i < 10'000; ++i) cycle();
  const Footprint after = Measure();
  Print("10,000 tiles", before, after);
  EXPECT_EQ(after.handles, before.handles);
  // Less than a byte for each: a leak of one block each would be a thousand times that.
  EXPECT_LT(after.bytes, before.bytes + 10'000);
  EXPECT_LT(after.blocks, before.blocks + 100);
}

TEST_F(Switches, FortyResetsLeaveNothingBehind) {
  Script("begin\nask-hidden New password\nanswer\ndone 0 0 Set.\n");
  Show({kAlice});
  Select(0);
  const auto cycle = [&] {
    Click(Field::kLink);
    Submit();
    Type(Field::kHiddenAnswer, L"Correct-Horse-7");
    EXPECT_EQ(Submit().response, CPGSR_RETURN_CREDENTIAL_FINISHED);
  };
  for (int i = 0; i < 10; ++i) cycle();
  query.statuses.clear();
  query.statuses.shrink_to_fit();
  const Footprint before = Measure();
  for (int i = 0; i < 40; ++i) cycle();
  query.statuses.clear();
  query.statuses.shrink_to_fit();
  const Footprint after = Measure();
  Print("40 resets", before, after);
  EXPECT_LT(after.handles, before.handles + 20);  // Wine itself may come to need one
  EXPECT_LT(after.bytes, before.bytes + 20'000);
  EXPECT_LT(after.blocks, before.blocks + 20);
}

}  // namespace
}  // namespace sspr::test
