// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/child_program.h"

#include <algorithm>
#include <array>

#include "credprov_win/core/wide_text.h"

namespace sspr {
namespace {

constexpr SIZE_T kMostChildMemory = 256 * 1024 * 1024;

// PROCESS_CREATION_MITIGATION_POLICY_... of winbase.h, which MinGW's does not know: DLLs from
// System32 before those in the program's own folder, none from afar or of low integrity; nothing
// that hooks itself into other programs. From the first moment: the DLLs that a program is linked
// with are loaded before it can forbid anything itself.
constexpr DWORD64 kImagesPreferSystem32 = 1ULL << 60;
constexpr DWORD64 kNoImagesOfLowIntegrity = 1ULL << 56;
constexpr DWORD64 kNoImagesFromAfar = 1ULL << 52;
constexpr DWORD64 kNoExtensionPoints = 1ULL << 32;

// LocalService has no rights beyond those of any user; what privileges a token has are taken away.
bool MakeToken(Rights rights, UniqueHandle& token) noexcept {
  UniqueHandle whole;
  if (rights == Rights::kOwn) {
    constexpr DWORD kAccess = TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY;
    if (!OpenProcessToken(GetCurrentProcess(), kAccess, whole.Fill())) return false;
  } else {
    wchar_t user[] = L"LocalService";
    wchar_t domain[] = L"NT AUTHORITY";
    if (!LogonUserW(user, domain, nullptr, LOGON32_LOGON_SERVICE, LOGON32_PROVIDER_DEFAULT,
                    whole.Fill())) {
      return false;
    }
  }
  return CreateRestrictedToken(whole.get(), DISABLE_MAX_PRIVILEGE, 0, nullptr, 0, nullptr, 0,
                               nullptr, token.Fill());
}

// The list of the handles that a child may inherit, whatever else in the process is inheritable,
// and what it is forbidden.
class Attributes {
 public:
  explicit Attributes(const StandardHandles& handles) noexcept {
    DWORD count = 0;
    for (const HANDLE handle : {handles.input, handles.output, handles.error}) {
      if (handle != nullptr) handles_[count++] = handle;
    }
    SIZE_T size = sizeof memory_;
    auto* list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
    if (!InitializeProcThreadAttributeList(list, 2, 0, &size)) return;
    list_ = list;
    ready_ = UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                       count * sizeof(HANDLE), nullptr, nullptr) &&
             UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_MITIGATION_POLICY,
                                       &forbidden_, sizeof forbidden_, nullptr, nullptr);
  }
  ~Attributes() {
    if (list_ != nullptr) DeleteProcThreadAttributeList(list_);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  LPPROC_THREAD_ATTRIBUTE_LIST get() const noexcept { return ready_ ? list_ : nullptr; }

 private:
  std::array<HANDLE, 3> handles_ = {};
  DWORD64 forbidden_ =
      kImagesPreferSystem32 | kNoImagesOfLowIntegrity | kNoImagesFromAfar | kNoExtensionPoints;
  alignas(std::max_align_t) std::array<BYTE, 512> memory_ = {};
  LPPROC_THREAD_ATTRIBUTE_LIST list_ = nullptr;
  bool ready_ = false;
};

// Its environment: where Windows is, and nothing else of ours.
struct ChildPlace {
  wchar_t windows[MAX_PATH] = {};
  wchar_t system[MAX_PATH] = {};
  WideText<MAX_PATH + 32> environment;

  bool Find() noexcept {
    const UINT length = GetSystemWindowsDirectoryW(windows, MAX_PATH);
    const UINT system_length = GetSystemDirectoryW(system, MAX_PATH);
    const bool found =
        length > 0 && length < MAX_PATH && system_length > 0 && system_length < MAX_PATH;
    // A block ends with an empty text: the terminator behind this one.
    return found && environment.Append(L"SystemRoot=") && environment.Append({windows, length}) &&
           environment.Append({L"\0", 1});
  }
};

}  // namespace

UniqueHandle MakeJob() noexcept {
  UniqueHandle job(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_ACTIVE_PROCESS |
      JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION | JOB_OBJECT_LIMIT_PROCESS_MEMORY;
  limits.BasicLimitInformation.ActiveProcessLimit = 1;
  limits.ProcessMemoryLimit = kMostChildMemory;
  JOBOBJECT_BASIC_UI_RESTRICTIONS screen{};
  screen.UIRestrictionsClass = JOB_OBJECT_UILIMIT_DESKTOP | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS |
                               JOB_OBJECT_UILIMIT_EXITWINDOWS | JOB_OBJECT_UILIMIT_GLOBALATOMS |
                               JOB_OBJECT_UILIMIT_HANDLES | JOB_OBJECT_UILIMIT_READCLIPBOARD |
                               JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS |
                               JOB_OBJECT_UILIMIT_WRITECLIPBOARD;
  if (!job ||
      !SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits,
                               sizeof limits) ||
      !SetInformationJobObject(job.get(), JobObjectBasicUIRestrictions, &screen, sizeof screen)) {
    return {};
  }
  return job;
}

UniqueHandle StartInJob(HANDLE job, const wchar_t* program, Rights rights,
                        const StandardHandles& handles) noexcept {
  UniqueHandle token;
  const Attributes attributes(handles);
  ChildPlace place;
  if (attributes.get() == nullptr || !place.Find() || !MakeToken(rights, token)) return {};
  STARTUPINFOEXW start{};
  start.StartupInfo.cb = sizeof start;
  start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  start.StartupInfo.hStdInput = handles.input;
  start.StartupInfo.hStdOutput = handles.output;
  start.StartupInfo.hStdError = handles.error;
  // Neither our window station nor the secure desktop: the system gives it one of its own account.
  wchar_t no_desktop[] = L"";
  start.StartupInfo.lpDesktop = no_desktop;
  start.lpAttributeList = attributes.get();
  WideText<MAX_PATH + 2> command;
  if (!command.Append(L"\"") || !command.Append(program) || !command.Append(L"\"")) return {};
  wchar_t line[MAX_PATH + 2] = {};
  std::copy_n(command.c_str(), command.size(), line);
  PROCESS_INFORMATION made{};
  // Suspended, so that it does nothing before it is in the job.
  if (!CreateProcessAsUserW(token.get(), program, line, nullptr, nullptr, TRUE,
                            CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT |
                                EXTENDED_STARTUPINFO_PRESENT,
                            const_cast<wchar_t*>(place.environment.c_str()), place.system,
                            &start.StartupInfo, &made)) {
    return {};
  }
  UniqueHandle process(made.hProcess);
  const UniqueHandle thread(made.hThread);
  if (AssignProcessToJobObject(job, process.get()) &&
      ResumeThread(thread.get()) != static_cast<DWORD>(-1)) {
    return process;
  }
  TerminateProcess(process.get(), 1);
  return {};
}

}  // namespace sspr
