// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/helper_process.h"

#include <sddl.h>
// After windows.h.
#include <ntsecapi.h>

#include <algorithm>
#include <span>

#include "common/base/wipe.h"
#include "credprov_win/core/wide_text.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;

constexpr DWORD kPipeBytes = 8192;
constexpr DWORD kSendLimitMs = 3'000;
constexpr SIZE_T kMostChildMemory = 256 * 1024 * 1024;
constexpr std::size_t kNameWords = 4;

using PipeName = WideText<64>;

// A name that nobody can have squatted on; FILE_FLAG_FIRST_PIPE_INSTANCE says so if somebody did.
bool MakeName(PipeName& name) noexcept {
  std::array<ULONG, kNameWords> random{};
  if (!RtlGenRandom(random.data(), sizeof random)) return false;
  name.Assign(L"\\\\.\\pipe\\sspr-");
  for (const ULONG word : random) {
    for (int shift = 28; shift >= 0; shift -= 4) {
      const wchar_t digit = L"0123456789abcdef"[(word >> shift) & 0xF];
      name.Append({&digit, 1});
    }
  }
  return true;
}

// A security descriptor that lets in whoever we run as, and nobody else.
class OwnerOnly {
 public:
  OwnerOnly() noexcept {
    alignas(TOKEN_USER) std::array<BYTE, 256> user{};
    UniqueHandle token;
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, token.Fill()) ||
        !GetTokenInformation(token.get(), TokenUser, user.data(), sizeof user, &size)) {
      return;
    }
    LPWSTR sid = nullptr;
    if (!ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid, &sid)) return;
    WideText<256> text;
    const bool whole = text.Append(L"D:P(A;;GA;;;") && text.Append(sid) && text.Append(L")");
    LocalFree(sid);
    if (whole) {
      ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1,
                                                           &descriptor_, nullptr);
    }
  }
  ~OwnerOnly() {
    if (descriptor_ != nullptr) LocalFree(descriptor_);
  }
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;
  PSECURITY_DESCRIPTOR get() const noexcept { return descriptor_; }

 private:
  PSECURITY_DESCRIPTOR descriptor_ = nullptr;
};

// Our end can be waited for; the child's end is inherited and plain.
bool MakePipe(bool child_reads, UniqueHandle& ours, UniqueHandle& childs) noexcept {
  const OwnerOnly owner_only;
  PipeName name;
  if (owner_only.get() == nullptr || !MakeName(name)) return false;
  SECURITY_ATTRIBUTES ours_only{sizeof ours_only, owner_only.get(), FALSE};
  const DWORD direction = child_reads ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND;
  ours.Reset(CreateNamedPipeW(
      name.c_str(), direction | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
      PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1, kPipeBytes,
      kPipeBytes, 0, &ours_only));
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  if (ours) {
    childs.Reset(CreateFileW(name.c_str(), child_reads ? GENERIC_READ : GENERIC_WRITE, 0,
                             &inherited, OPEN_EXISTING, SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS,
                             nullptr));
  }
  return ours && childs;
}

// LocalService has no rights beyond those of any user; what privileges it has are taken away too.
bool MakeToken(UniqueHandle& token) noexcept {
  wchar_t user[] = L"LocalService";
  wchar_t domain[] = L"NT AUTHORITY";
  UniqueHandle whole;
  return LogonUserW(user, domain, nullptr, LOGON32_LOGON_SERVICE, LOGON32_PROVIDER_DEFAULT,
                    whole.Fill()) &&
         CreateRestrictedToken(whole.get(), DISABLE_MAX_PRIVILEGE, 0, nullptr, 0, nullptr, 0,
                               nullptr, token.Fill());
}

// The list of the two handles that a child may inherit, whatever else in the process is
// inheritable.
class InheritedHandles {
 public:
  InheritedHandles(HANDLE input, HANDLE output) noexcept : handles_{input, output} {
    SIZE_T size = sizeof memory_;
    auto* list = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
    if (!InitializeProcThreadAttributeList(list, 1, 0, &size)) return;
    list_ = list;
    ready_ = UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                       sizeof handles_, nullptr, nullptr);
  }
  ~InheritedHandles() {
    if (list_ != nullptr) DeleteProcThreadAttributeList(list_);
  }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  LPPROC_THREAD_ATTRIBUTE_LIST get() const noexcept { return ready_ ? list_ : nullptr; }

 private:
  std::array<HANDLE, 2> handles_;
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

milliseconds MonotonicNow() noexcept {
  return milliseconds{static_cast<milliseconds::rep>(GetTickCount64())};
}

HelperProcess::~HelperProcess() {
  End();
  if (read_pending_) {
    // The system writes to our memory until the read is over.
    CancelIoEx(from_child_.get(), &reading_);
    DWORD got = 0;
    GetOverlappedResult(from_child_.get(), &reading_, &got, TRUE);
  }
  Wipe(bytes_.data(), bytes_.size());
}

bool HelperProcess::Start(const wchar_t* program) noexcept {
  UniqueHandle child_input;
  UniqueHandle child_output;
  return job_ && MakePipes(child_input, child_output) &&
         Launch(program, child_input.get(), child_output.get());
}

bool HelperProcess::MakePipes(UniqueHandle& child_input, UniqueHandle& child_output) noexcept {
  read_done_.Reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  write_done_.Reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  return read_done_ && write_done_ && MakePipe(true, to_child_, child_input) &&
         MakePipe(false, from_child_, child_output);
}

bool HelperProcess::Prepare() noexcept {
  job_.Reset(CreateJobObjectW(nullptr, nullptr));
  if (!job_) return false;
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
  return SetInformationJobObject(job_.get(), JobObjectExtendedLimitInformation, &limits,
                                 sizeof limits) &&
         SetInformationJobObject(job_.get(), JobObjectBasicUIRestrictions, &screen, sizeof screen);
}

bool HelperProcess::Launch(const wchar_t* program, HANDLE child_input,
                           HANDLE child_output) noexcept {
  UniqueHandle token;
  const InheritedHandles inherited(child_input, child_output);
  ChildPlace place;
  if (inherited.get() == nullptr || !place.Find() || !MakeToken(token)) return false;
  STARTUPINFOEXW start{};
  start.StartupInfo.cb = sizeof start;
  start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  start.StartupInfo.hStdInput = child_input;
  start.StartupInfo.hStdOutput = child_output;
  // Neither our window station nor the secure desktop: the system gives it one of its own account.
  wchar_t no_desktop[] = L"";
  start.StartupInfo.lpDesktop = no_desktop;
  start.lpAttributeList = inherited.get();
  WideText<MAX_PATH + 2> command;
  if (!command.Append(L"\"") || !command.Append(program) || !command.Append(L"\"")) return false;
  wchar_t line[MAX_PATH + 2] = {};
  std::copy_n(command.c_str(), command.size(), line);
  PROCESS_INFORMATION made{};
  // Suspended, so that it does nothing before it is in the job.
  if (!CreateProcessAsUserW(token.get(), program, line, nullptr, nullptr, TRUE,
                            CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT |
                                EXTENDED_STARTUPINFO_PRESENT,
                            const_cast<wchar_t*>(place.environment.c_str()), place.system,
                            &start.StartupInfo, &made)) {
    return false;
  }
  process_.Reset(made.hProcess);
  const UniqueHandle thread(made.hThread);
  if (AssignProcessToJobObject(job_.get(), process_.get()) &&
      ResumeThread(thread.get()) != static_cast<DWORD>(-1)) {
    return true;
  }
  TerminateProcess(process_.get(), 1);
  return false;
}

HelperProcess::Got HelperProcess::Receive(Frame& frame, milliseconds within,
                                          HANDLE hurry) noexcept {
  for (;;) {
    std::span<const char> input(bytes_.data() + begin_, end_ - begin_);
    const FrameDecoder::State state = decoder_.Feed(input, frame);
    begin_ = end_ - static_cast<DWORD>(input.size());
    if (state == FrameDecoder::State::kFrame) return Got::kFrame;
    if (state == FrameDecoder::State::kBroken) return Got::kBroken;
    if (!read_pending_) {
      reading_ = {};
      reading_.hEvent = read_done_.get();
      const BOOL done =
          ReadFile(from_child_.get(), bytes_.data(), sizeof bytes_, nullptr, &reading_);
      if (!done && GetLastError() != ERROR_IO_PENDING) return Got::kGone;
      read_pending_ = true;
    }
    const std::array<HANDLE, 2> events = {read_done_.get(), hurry};
    const DWORD woken = WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(),
                                               FALSE, static_cast<DWORD>(within.count()));
    if (woken != WAIT_OBJECT_0) return Got::kNothingYet;
    DWORD got = 0;
    read_pending_ = false;
    if (!GetOverlappedResult(from_child_.get(), &reading_, &got, FALSE) || got == 0) {
      return Got::kGone;
    }
    begin_ = 0;
    end_ = got;
  }
}

bool HelperProcess::Send(std::string_view bytes) noexcept {
  OVERLAPPED writing{};
  writing.hEvent = write_done_.get();
  const auto size = static_cast<DWORD>(bytes.size());
  if (!WriteFile(to_child_.get(), bytes.data(), size, nullptr, &writing) &&
      GetLastError() != ERROR_IO_PENDING) {
    return false;
  }
  if (WaitForSingleObject(write_done_.get(), kSendLimitMs) != WAIT_OBJECT_0) {
    CancelIoEx(to_child_.get(), &writing);
  }
  DWORD sent = 0;
  return GetOverlappedResult(to_child_.get(), &writing, &sent, TRUE) && sent == size;
}

void HelperProcess::End() noexcept {
  if (job_) TerminateJobObject(job_.get(), 1);
}

}  // namespace sspr
