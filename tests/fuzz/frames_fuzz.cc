// SPDX-License-Identifier: Apache-2.0
// Frames of a hostile sspr-flow as the login process takes them, the fields in them, and the filter
// of what is shown. The same bytes in other portions are the same frames.
#include <array>
#include <vector>

#include "common/base/frame.h"
#include "common/base/host_flow.h"
#include "common/base/text.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

struct Decoded {
  std::vector<std::string> frames;
  bool broken = false;
  bool operator==(const Decoded&) const = default;
};

Decoded Decode(std::string_view bytes, std::size_t portion) {
  Decoded all;
  FrameDecoder decoder;
  Frame frame;
  while (!bytes.empty() && !all.broken) {
    std::span<const char> part(bytes.data(), std::min(portion, bytes.size()));
    bytes.remove_prefix(part.size());
    while (!part.empty() && !all.broken) {
      switch (decoder.Feed(part, frame)) {
        case FrameDecoder::State::kFrame:
          all.frames.push_back(static_cast<char>(frame.type) + std::string(frame.payload.Reveal()));
          break;
        case FrameDecoder::State::kBroken:
          all.broken = true;
          break;
        case FrameDecoder::State::kNeedMore:
          Must(part.empty(), "a decoder that needs more took all there was");
          break;
      }
    }
  }
  return all;
}

void CheckShown(std::string_view text) {
  std::array<char, kMaxTextBytes> shown{};
  for (const Lines lines : {Lines::kOne, Lines::kMany}) {
    const std::size_t size = FilterForDisplay(text, lines, shown);
    Must(size <= shown.size(), "what is shown fits");
    Must(IsCleanText({shown.data(), size}, lines), "what is shown is clean");
    BreakLines({shown.data(), size}, 20);
    Must(IsUtf8({shown.data(), size}), "broken lines are still UTF-8");
  }
}

// A host that answers whatever it is asked.
void Converse(std::string_view bytes) {
  HostFlow host("alice", "");
  FrameDecoder decoder;
  Frame frame;
  std::span<const char> rest(bytes.data(), bytes.size());
  while (!rest.empty() && decoder.Feed(rest, frame) == FrameDecoder::State::kFrame) {
    const HostStep step = host.TakeFrame(frame);
    if (step == HostStep::kBroken) return;
    if (step == HostStep::kFinished) {
      if (host.outcome() == Outcome::kPasswordSet) (void)host.new_password().size();
      return;
    }
    CheckShown(host.text());
    for (std::size_t i = 0; i < host.label_count(); ++i) CheckShown(host.label(i));
    const bool asks =
        step == HostStep::kAskVisible || step == HostStep::kAskHidden || step == HostStep::kChoose;
    if (!asks) continue;
    FrameWriter writer(FrameType::kAnswer);
    const AnswerVerdict verdict = host.TakeAnswer("1", writer);
    if (verdict == AnswerVerdict::kSend) {
      Must(!writer.Encoded().empty(), "an answer that is sent is encoded");
    } else if (verdict != AnswerVerdict::kNotAChoice) {
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t portion = 1U + input.Byte() % 64U;
  const std::string_view bytes = input.Rest();
  const Decoded whole = Decode(bytes, bytes.size() + 1);
  Must(whole == Decode(bytes, portion), "portions make no difference");
  Converse(bytes);
  CheckShown(bytes);
  FieldReader fields(bytes);
  (void)fields.U8();
  (void)fields.U16();
  (void)fields.String();
  (void)fields.Bytes(32);
  (void)fields.Rest();
  if (!fields.Complete()) Must(bytes.size() < 1024 * 64, "a reader at its end is complete");
  return 0;
}
