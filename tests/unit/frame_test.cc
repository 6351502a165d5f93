// SPDX-License-Identifier: Apache-2.0
// The frame codec: every header, every split, every short payload.
#include "common/base/frame.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sspr {
namespace {

const std::set<int> kKnownTypes = {1,  2,  3,  4,  16, 17, 18, 19, 20, 21, 22, 23, 24, 32, 33, 34,
                                   35, 36, 37, 38, 39, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57};

FrameDecoder::State FeedAll(FrameDecoder& decoder, const std::string& bytes, Frame& frame) {
  std::span<const char> input(bytes);
  return decoder.Feed(input, frame);
}

std::string Header(int type, std::size_t length) {
  return {static_cast<char>(type), static_cast<char>(length >> 8),
          static_cast<char>(length & 0xFF)};
}

TEST(FrameDecoder, AcceptsExactlyTheKnownTypesAndLengths) {
  for (int type = 0; type < 256; ++type) {
    for (std::size_t length = 0; length <= 0xFFFF; length += (length < 1100 ? 1 : 977)) {
      FrameDecoder decoder;
      Frame frame;
      const bool legal = kKnownTypes.contains(type) && length <= kMaxFramePayload;
      const auto state = FeedAll(decoder, Header(type, length), frame);
      if (!legal) {
        ASSERT_EQ(state, FrameDecoder::State::kBroken) << type << " " << length;
      } else if (length == 0) {
        ASSERT_EQ(state, FrameDecoder::State::kFrame) << type;
        ASSERT_EQ(static_cast<int>(frame.type), type);
      } else {
        ASSERT_EQ(state, FrameDecoder::State::kNeedMore) << type << " " << length;
      }
    }
  }
}

TEST(FrameDecoder, GivesTheSameFramesHoweverTheStreamIsSplit) {
  FrameWriter info(FrameType::kInfo);
  info.PutBytes("hello");
  FrameWriter empty(FrameType::kWait);
  FrameWriter answer(FrameType::kAnswer);
  answer.PutU16(7);
  answer.PutBytes("secret");
  const std::string stream =
      std::string(info.Encoded()) + std::string(empty.Encoded()) + std::string(answer.Encoded());
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameDecoder decoder;
    std::string seen;
    for (const std::string& part : {stream.substr(0, cut), stream.substr(cut)}) {
      std::span<const char> input(part);
      Frame frame;
      while (decoder.Feed(input, frame) == FrameDecoder::State::kFrame) {
        seen += std::to_string(static_cast<int>(frame.type)) + ":" +
                std::string(frame.payload.Reveal()) + ";";
      }
    }
    EXPECT_EQ(seen, std::string("16:hello;21:;2:") + '\0' + '\7' + "secret;") << cut;
    EXPECT_TRUE(decoder.AtBoundary());
  }
}

TEST(FrameDecoder, StaysBrokenAfterAFault) {
  FrameDecoder decoder;
  Frame frame;
  EXPECT_EQ(FeedAll(decoder, Header(99, 0), frame), FrameDecoder::State::kBroken);
  EXPECT_EQ(FeedAll(decoder, Header(16, 0), frame), FrameDecoder::State::kBroken);
}

TEST(FrameDecoder, KnowsATornFrame) {
  FrameDecoder decoder;
  Frame frame;
  EXPECT_TRUE(decoder.AtBoundary());
  EXPECT_EQ(FeedAll(decoder, Header(16, 3) + "ab", frame), FrameDecoder::State::kNeedMore);
  EXPECT_FALSE(decoder.AtBoundary());
}

TEST(FrameWriter, IsSpoiltByAPayloadThatDoesNotFit) {
  FrameWriter fits(FrameType::kInfo);
  EXPECT_TRUE(fits.PutBytes(std::string(kMaxFramePayload, 'x')));
  EXPECT_EQ(fits.Encoded().size(), kFrameHeaderBytes + kMaxFramePayload);
  EXPECT_FALSE(fits.PutU8(1));
  EXPECT_TRUE(fits.Encoded().empty());
  FrameWriter huge(FrameType::kInfo);
  EXPECT_FALSE(huge.PutString(std::string(70'000, 'x')));
  EXPECT_TRUE(huge.Encoded().empty());
}

TEST(FieldReader, ReadsBackWhatTheWriterPut) {
  FrameWriter writer(FrameType::kBegin);
  writer.PutU8(1);
  writer.PutU16(0xABCD);
  writer.PutString("alice");
  writer.PutString("");
  writer.PutBytes("rest");
  FieldReader fields(writer.Encoded().substr(kFrameHeaderBytes));
  EXPECT_EQ(fields.U8(), 1);
  EXPECT_EQ(fields.U16(), 0xABCD);
  EXPECT_EQ(fields.String(), "alice");
  EXPECT_EQ(fields.String(), "");
  EXPECT_FALSE(fields.Complete());
  EXPECT_EQ(fields.Rest(), "rest");
  EXPECT_TRUE(fields.Complete());
}

TEST(FieldReader, EveryTruncationIsSeen) {
  FrameWriter writer(FrameType::kBegin);
  writer.PutU16(5);
  writer.PutString("alice");
  const std::string whole(writer.Encoded().substr(kFrameHeaderBytes));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FieldReader fields(std::string_view(whole).substr(0, size));
    fields.U16();
    fields.String();
    EXPECT_FALSE(fields.Complete()) << size;
  }
}

}  // namespace
}  // namespace sspr
