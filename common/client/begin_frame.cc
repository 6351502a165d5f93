// SPDX-License-Identifier: Apache-2.0
#include "common/client/begin_frame.h"

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::chrono::milliseconds kBeginLimit{3'000};

}  // namespace

std::optional<BeginFrame> ReadBegin(HostLink& host) {
  const std::optional<Frame> frame = host.Receive(kBeginLimit);
  if (!frame || frame->type != FrameType::kBegin) return std::nullopt;
  FieldReader fields(frame->payload.Reveal());
  if (fields.U8() != kFrameVersion) return std::nullopt;
  BeginFrame begin;
  const unsigned capabilities = fields.U8();
  begin.many_lines = (capabilities & kCapabilityManyLines) != 0;
  begin.draws_codes = (capabilities & kCapabilityCodes) != 0;
  const std::string_view service = fields.String();
  begin.user = fields.String();
  begin.language = fields.String();
  begin.terminal = fields.String();
  const bool clean = IsCleanText(service, Lines::kOne) &&
                     IsCleanText(begin.language, Lines::kOne) &&
                     IsCleanText(begin.terminal, Lines::kOne);
  if (!fields.Complete() || !clean) return std::nullopt;
  return begin;
}

void EndWith(HostLink& host, const Texts& texts, TextId why) {
  FrameWriter frame(FrameType::kDone);
  frame.PutU8(static_cast<std::uint8_t>(Outcome::kNotChanged));
  frame.PutU16(kNoAnswer);
  frame.PutString(texts.Say({why}));
  host.Send(frame);
}

}  // namespace sspr
