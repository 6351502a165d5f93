// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/helper_process.h"

#include <span>

#include "common/base/wipe.h"
#include "credprov_win/dll/child_program.h"
#include "credprov_win/dll/pipes.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;

constexpr DWORD kSendLimitMs = 3'000;

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

bool HelperProcess::Prepare() noexcept {
  job_ = MakeJob();
  setpw_job_ = MakeJob();
  return job_ && setpw_job_;
}

bool HelperProcess::Start(const wchar_t* program, const wchar_t* setpw) noexcept {
  UniqueHandle child_input;
  UniqueHandle child_output;
  UniqueHandle setpw_end;
  UniqueHandle flow_end;
  if (!job_ || !MakePipes(child_input, child_output)) return false;
  if (setpw != nullptr) {
    if (!MakePipeBetween(setpw_end, flow_end)) return false;
    setpw_process_ = StartInJob(setpw_job_.get(), setpw, Rights::kOwn, {.input = setpw_end.get()});
    if (!setpw_process_) return false;
  }
  process_ = StartInJob(
      job_.get(), program, Rights::kLocalService,
      {.input = child_input.get(), .output = child_output.get(), .error = flow_end.get()});
  return static_cast<bool>(process_);
}

bool HelperProcess::MakePipes(UniqueHandle& child_input, UniqueHandle& child_output) noexcept {
  read_done_.Reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  write_done_.Reset(CreateEventW(nullptr, TRUE, FALSE, nullptr));
  return read_done_ && write_done_ && MakePipe(true, to_child_, child_input) &&
         MakePipe(false, from_child_, child_output);
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
  if (setpw_job_) TerminateJobObject(setpw_job_.get(), 1);
}

}  // namespace sspr
