// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/machine/process_rules.h"

#include <windows.h>

namespace sspr {
namespace {

// PROCESS_MITIGATION_POLICY of winnt.h, as far as MinGW's is too old for it.
constexpr int kDynamicCode = 2;
constexpr int kStrictHandles = 3;
constexpr int kExtensionPoints = 6;
constexpr int kImageLoad = 10;
constexpr int kChildProcess = 13;

struct Rule {
  int policy;
  DWORD flags;
};
constexpr Rule kRules[] = {
    {kDynamicCode, 1},      // none is made
    {kStrictHandles, 3},    // a bad handle ends us, for good
    {kExtensionPoints, 1},  // no hooks, no AppInit_DLLs
    {kImageLoad, 7},        // no DLL from afar or of low integrity; System32 before our own folder
    {kChildProcess, 1},     // none
};

// WER_FAULT_REPORTING_FLAG_NOHEAP: passwords may be there.
constexpr DWORD kReportWithoutHeap = 1;

template <typename Function>
Function* Known(const char* name) noexcept {
  const HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
  return reinterpret_cast<Function*>(reinterpret_cast<void*>(GetProcAddress(kernel, name)));
}

}  // namespace

void TakeProcessRules() noexcept {
  SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
  SetDllDirectoryW(L"");
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  HeapSetInformation(nullptr, HeapEnableTerminationOnCorruption, nullptr, 0);
  if (auto* report = Known<HRESULT WINAPI(DWORD)>("WerSetFlags")) report(kReportWithoutHeap);
  if (auto* set = Known<BOOL WINAPI(int, void*, SIZE_T)>("SetProcessMitigationPolicy")) {
    for (Rule rule : kRules) set(rule.policy, &rule.flags, sizeof rule.flags);
  }
}

}  // namespace sspr
