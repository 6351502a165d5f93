// SPDX-License-Identifier: Apache-2.0
#include "common/base/frame.h"

#include <algorithm>

namespace sspr {

std::optional<FrameType> FrameTypeOf(std::uint8_t byte) noexcept {
  const bool host = byte >= 1 && byte <= 4;
  const bool flow = byte >= 16 && byte <= 24;
  const bool to_setpw = byte >= 32 && byte <= 39;
  const bool from_setpw = byte >= 48 && byte <= 57;
  if (!host && !flow && !to_setpw && !from_setpw) return std::nullopt;
  return static_cast<FrameType>(byte);
}

FrameWriter::FrameWriter(FrameType type) noexcept {
  const char header[kFrameHeaderBytes] = {static_cast<char>(type), 0, 0};
  spoilt_ = !buffer_.Append({header, sizeof header});
}

bool FrameWriter::PutBytes(std::string_view bytes) noexcept {
  if (!spoilt_ && !buffer_.Append(bytes)) spoilt_ = true;
  return !spoilt_;
}

bool FrameWriter::PutU8(std::uint8_t value) noexcept {
  const char byte = static_cast<char>(value);
  return PutBytes({&byte, 1});
}

bool FrameWriter::PutU16(std::uint16_t value) noexcept {
  return PutU8(static_cast<std::uint8_t>(value >> 8)) &&
         PutU8(static_cast<std::uint8_t>(value & 0xFF));
}

bool FrameWriter::PutString(std::string_view text) noexcept {
  if (text.size() > kMaxFramePayload) spoilt_ = true;
  return !spoilt_ && PutU16(static_cast<std::uint16_t>(text.size())) && PutBytes(text);
}

std::string_view FrameWriter::Encoded() noexcept {
  if (spoilt_) return {};
  const std::size_t length = buffer_.size() - kFrameHeaderBytes;
  buffer_.Bytes()[1] = static_cast<char>(length >> 8);
  buffer_.Bytes()[2] = static_cast<char>(length & 0xFF);
  return buffer_.Reveal();
}

std::string_view FieldReader::Bytes(std::size_t count) noexcept {
  if (spoilt_ || count > rest_.size()) {
    spoilt_ = true;
    return {};
  }
  const std::string_view taken{rest_.data(), count};
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t FieldReader::U8() noexcept {
  const std::string_view byte = Bytes(1);
  return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte[0]);
}

std::uint16_t FieldReader::U16() noexcept {
  const unsigned high = U8();
  const unsigned low = U8();
  return spoilt_ ? std::uint16_t{0} : static_cast<std::uint16_t>((high << 8) | low);
}

std::string_view FieldReader::String() noexcept {
  const std::size_t length = U16();
  return Bytes(length);
}

std::string_view FieldReader::Rest() noexcept { return Bytes(rest_.size()); }

FrameDecoder::State FrameDecoder::Feed(std::span<const char>& input, Frame& out) noexcept {
  while (!broken_) {
    if (header_bytes_ < kFrameHeaderBytes) {
      if (input.empty()) return State::kNeedMore;
      header_[header_bytes_++] = static_cast<unsigned char>(input.front());
      input = input.subspan(1);
      if (header_bytes_ < kFrameHeaderBytes) continue;
      wanted_ = (static_cast<std::size_t>(header_[1]) << 8) | header_[2];
      broken_ = !FrameTypeOf(header_[0]) || wanted_ > kMaxFramePayload;
      continue;
    }
    const std::size_t take = std::min(wanted_ - payload_.size(), input.size());
    broken_ = !payload_.Append({input.data(), take});
    input = input.subspan(take);
    if (payload_.size() < wanted_) return State::kNeedMore;
    out.type = static_cast<FrameType>(header_[0]);
    out.payload = std::move(payload_);
    header_bytes_ = 0;
    return State::kFrame;
  }
  return State::kBroken;
}

}  // namespace sspr
