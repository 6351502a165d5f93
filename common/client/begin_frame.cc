// SPDX-License-Identifier: Apache-2.0
#include "common/client/begin_frame.h"

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::chrono::milliseconds kBeginLimit{3'000};

std::optional<BeginFrame> ParseBegin(FieldReader& fields) {
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

std::optional<BeginFrame> ParseCheck(FieldReader& fields) {
  BeginFrame begin;
  const std::uint8_t purpose = fields.U8();
  const std::string_view service = fields.String();
  begin.user = fields.String();
  begin.language = fields.String();
  const bool known = purpose >= static_cast<std::uint8_t>(CheckPurpose::kAccount) &&
                     purpose <= static_cast<std::uint8_t>(CheckPurpose::kSession);
  if (!fields.Complete() || !known || !IsCleanText(service, Lines::kOne) ||
      !IsCleanText(begin.language, Lines::kOne)) {
    return std::nullopt;
  }
  begin.check = static_cast<CheckPurpose>(purpose);
  return begin;
}

std::optional<BeginFrame> ReadFirst(HostLink& host, bool takes_checks) {
  const std::optional<Frame> frame = host.Receive(kBeginLimit);
  if (!frame) return std::nullopt;
  FieldReader fields(frame->payload.Reveal());
  if (fields.U8() != kFrameVersion) return std::nullopt;
  if (frame->type == FrameType::kBegin) return ParseBegin(fields);
  if (frame->type == FrameType::kCheck && takes_checks) return ParseCheck(fields);
  return std::nullopt;
}

}  // namespace

std::optional<BeginFrame> ReadBegin(HostLink& host) { return ReadFirst(host, false); }

std::optional<BeginFrame> ReadBeginOrCheck(HostLink& host) { return ReadFirst(host, true); }

void EndWith(HostLink& host, const Texts& texts, TextId why) {
  FrameWriter frame(FrameType::kDone);
  frame.PutU8(static_cast<std::uint8_t>(Outcome::kNotChanged));
  frame.PutU16(kNoAnswer);
  frame.PutString(texts.Say({why}));
  host.Send(frame);
}

}  // namespace sspr
