// SPDX-License-Identifier: Apache-2.0
// The pipe to sspr-setpw.exe, without overlapped operations: a wait with a limit looks at it every
// few milliseconds.
#include <windows.h>

#include <array>
#include <cstdlib>
#include <span>
#include <utility>

#include "common/client/setpw_stream.h"

namespace sspr {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr DWORD kLookMs = 10;
constexpr std::chrono::seconds kTick{5};

HANDLE Pipe(std::intptr_t handle) { return reinterpret_cast<HANDLE>(handle); }

}  // namespace

SetpwStream::SetpwStream(std::string where) : where_(std::move(where)) {}

SetpwStream::~SetpwStream() { Close(); }

void SetpwStream::Close() {
  if (handle_ >= 0) CloseHandle(Pipe(handle_));
  handle_ = -1;
}

// Once: what was closed does not come back.
bool SetpwStream::Open() {
  const std::string number = std::exchange(where_, "");
  if (!number.empty()) handle_ = std::strtoll(number.c_str(), nullptr, 10);
  return is_open();
}

bool SetpwStream::Send(std::string_view bytes) {
  DWORD sent = 0;
  return WriteFile(Pipe(handle_), bytes.data(), static_cast<DWORD>(bytes.size()), &sent, nullptr) &&
         sent == bytes.size();
}

bool SetpwStream::Receive(SteadyClock::time_point deadline, const std::function<void()>& on_wait,
                          Frame& frame) {
  FrameDecoder decoder;
  SteadyClock::time_point next_tick = SteadyClock::now() + kTick;
  for (;;) {
    DWORD available = 0;
    if (!PeekNamedPipe(Pipe(handle_), nullptr, 0, nullptr, &available, nullptr)) return false;
    const SteadyClock::time_point now = SteadyClock::now();
    if (available == 0) {
      if (now >= deadline) return false;
      if (now >= next_tick) {
        on_wait();
        next_tick = now + kTick;
      }
      Sleep(kLookMs);
      continue;
    }
    std::array<char, kFrameHeaderBytes + kMaxFramePayload> piece{};
    DWORD got = 0;
    if (!ReadFile(Pipe(handle_), piece.data(), static_cast<DWORD>(piece.size()), &got, nullptr) ||
        got == 0) {
      return false;
    }
    std::span<const char> input(piece.data(), got);
    const FrameDecoder::State state = decoder.Feed(input, frame);
    if (state == FrameDecoder::State::kFrame) return input.empty();
    if (state == FrameDecoder::State::kBroken) return false;
  }
}

}  // namespace sspr
