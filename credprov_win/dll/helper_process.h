// SPDX-License-Identifier: Apache-2.0
// sspr-flow.exe as a child of the login screen: LocalService without privileges, its standard input
// and output two pipes to us. For an account of this computer sspr-setpw.exe beside it, with our
// rights, and a pipe between the two as its input and the other's standard error.
//
// Start, Receive and Send belong to one thread; End may come from any, once Prepare is over.
#pragma once

#include <windows.h>

#include <array>
#include <chrono>
#include <string_view>

#include "common/base/frame.h"
#include "credprov_win/dll/unique_handle.h"

namespace sspr {

class HelperProcess {
 public:
  enum class Got { kFrame, kNothingYet, kGone, kBroken };

  HelperProcess() noexcept = default;
  ~HelperProcess();
  HelperProcess(const HelperProcess&) = delete;
  HelperProcess& operator=(const HelperProcess&) = delete;

  // Makes the job, before anybody may call End. False: there is none, and nothing may be started.
  bool Prepare() noexcept;
  // Starts the programs of those full paths; setpw may be null. False: nothing runs for long.
  bool Start(const wchar_t* program, const wchar_t* setpw) noexcept;
  // One whole frame, or kNothingYet after so long. hurry is an event that ends the wait early.
  Got Receive(Frame& frame, std::chrono::milliseconds within, HANDLE hurry) noexcept;
  // False when it did not take the bytes in a moment.
  bool Send(std::string_view bytes) noexcept;
  // Both end now. Nothing more is read or sent.
  void End() noexcept;

 private:
  bool MakePipes(UniqueHandle& child_input, UniqueHandle& child_output) noexcept;

  UniqueHandle job_;
  UniqueHandle process_;
  UniqueHandle setpw_job_;
  UniqueHandle setpw_process_;
  UniqueHandle to_child_;
  UniqueHandle from_child_;
  UniqueHandle read_done_;
  UniqueHandle write_done_;
  OVERLAPPED reading_ = {};
  bool read_pending_ = false;
  FrameDecoder decoder_;
  std::array<char, kFrameHeaderBytes + kMaxFramePayload> bytes_ = {};
  DWORD begin_ = 0;
  DWORD end_ = 0;
};

std::chrono::milliseconds MonotonicNow() noexcept;

}  // namespace sspr
