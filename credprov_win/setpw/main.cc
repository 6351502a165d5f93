// SPDX-License-Identifier: Apache-2.0
// sspr-setpw.exe: sets the password of an account of this computer once the service permits it, and
// nothing else. The login screen starts it beside sspr-flow.exe, with its own rights, one pipe
// between the two as standard input, both ways; it ends with the job that it was put into.
#include <windows.h>

#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/wipe.h"
#include "common/permit/key_succession.h"
#include "common/setpw/dialogue.h"
#include "common/system/system_clock.h"
#include "credprov_win/machine/permit_trust.h"
#include "credprov_win/machine/process_rules.h"
#include "credprov_win/setpw/event_log.h"
#include "credprov_win/setpw/local_reset.h"

namespace sspr::setpw {
namespace {

enum class Got { kFrame, kEnd, kBroken };

class FrameStream {
 public:
  explicit FrameStream(HANDLE pipe) : pipe_(pipe) {}

  // The caller says one thing at a time and waits for the answer.
  Got Next(Frame& frame) {
    for (;;) {
      std::array<char, kFrameHeaderBytes + kMaxFramePayload> piece{};
      DWORD got = 0;
      if (!ReadFile(pipe_, piece.data(), static_cast<DWORD>(piece.size()), &got, nullptr) ||
          got == 0) {
        return decoder_.AtBoundary() ? Got::kEnd : Got::kBroken;
      }
      std::span<const char> input(piece.data(), got);
      const FrameDecoder::State state = decoder_.Feed(input, frame);
      const bool more = !input.empty();
      Wipe(piece.data(), piece.size());
      if (state == FrameDecoder::State::kBroken || more) return Got::kBroken;
      if (state == FrameDecoder::State::kFrame) return Got::kFrame;
    }
  }

  bool Send(std::string_view bytes) {
    DWORD sent = 0;
    return WriteFile(pipe_, bytes.data(), static_cast<DWORD>(bytes.size()), &sent, nullptr) &&
           sent == bytes.size();
  }

 private:
  const HANDLE pipe_;
  FrameDecoder decoder_;
};

// A chain that does not verify is not passed over: then nobody is reset.
std::optional<Trust> LoadTrust() {
  const std::optional<PermitTrust> written = ReadPermitTrust();
  if (!written) return std::nullopt;
  const VerifyingKey first(written->first_key);
  const Result<std::vector<VerifyingKey>> successors =
      FollowSuccessions(first, written->successions);
  if (!successors.ok()) {
    LogEvent(Event::kInternal, successors.error().detail);
    return std::nullopt;
  }
  Trust trust{written->device, {first}};
  trust.permit_keys.insert(trust.permit_keys.end(), successors->begin(), successors->end());
  return trust;
}

int Serve(HANDLE pipe) {
  const SystemClock clock;
  LocalReset reset(LoadTrust(), clock);
  Dialogue dialogue(reset);
  FrameStream stream(pipe);
  Frame frame;
  while (dialogue.state() != Dialogue::State::kOver) {
    const Got got = stream.Next(frame);
    if (got == Got::kEnd) return 0;
    std::optional<FrameWriter> answer;
    if (got == Got::kFrame) answer = dialogue.Handle(frame);
    frame.payload.Clear();
    if (got == Got::kBroken || !dialogue.kept_protocol()) {
      LogEvent(Event::kBrokenProtocol, "a frame that is none, or out of order");
      return 1;
    }
    if (answer && !stream.Send(answer->Encoded())) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace sspr::setpw

int main(int argc, char** argv) {
  sspr::TakeProcessRules();
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::puts("sspr-setpw " SSPR_VERSION);
    return 0;
  }
  const HANDLE pipe = GetStdHandle(STD_INPUT_HANDLE);
  if (argc != 1 || pipe == nullptr || GetFileType(pipe) != FILE_TYPE_PIPE) {
    std::puts(
        "Usage: sspr-setpw [--version]\n"
        "Sets the password of an account of this computer once the reset service permits it. "
        "Started by the\nlogin screen, not by hand.");
    return 2;
  }
  try {
    return sspr::setpw::Serve(pipe);
  } catch (const std::exception& fault) {
    sspr::setpw::LogEvent(sspr::setpw::Event::kInternal, fault.what());
    return 2;
  }
}
