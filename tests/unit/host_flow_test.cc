// SPDX-License-Identifier: Apache-2.0
// The host's state machine, held to docs/frames.md: every order of events to depth five against a
// table written down independently, and the front ends and peers that lie.
#include "common/base/host_flow.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sspr {
namespace {

Frame FrameOf(FrameType type, std::string_view payload) {
  Frame frame;
  frame.type = type;
  EXPECT_TRUE(frame.payload.Append(payload));
  return frame;
}

Frame Text(FrameType type, std::string_view text = "text") { return FrameOf(type, text); }

Frame Done(Outcome outcome, std::uint16_t index, std::string_view text = "") {
  FrameWriter writer(FrameType::kDone);
  writer.PutU8(static_cast<std::uint8_t>(outcome));
  writer.PutU16(index);
  writer.PutString(text);
  return FrameOf(FrameType::kDone, writer.Encoded().substr(kFrameHeaderBytes));
}

Frame Choose(const std::vector<std::string>& labels) {
  FrameWriter writer(FrameType::kChoose);
  writer.PutString("Which?");
  writer.PutU8(static_cast<std::uint8_t>(labels.size()));
  for (const std::string& label : labels) writer.PutString(label);
  return FrameOf(FrameType::kChoose, writer.Encoded().substr(kFrameHeaderBytes));
}

HostStep Take(HostFlow& flow, Frame frame) { return flow.TakeFrame(frame); }

std::string Answer(HostFlow& flow, std::string_view answer, AnswerVerdict expected) {
  FrameWriter writer(FrameType::kAnswer);
  EXPECT_EQ(flow.TakeAnswer(answer, writer), expected);
  return std::string(writer.Encoded());
}

// One event of the generator: a frame from sspr-flow or an answer of the person.
enum class Event {
  kInfo,
  kError,
  kWait,
  kVisible,
  kHidden,
  kChoose,
  kSet0,
  kNotChanged,
  kAnswer,
  kForeign
};
constexpr Event kEvents[] = {Event::kInfo,   Event::kError,  Event::kWait, Event::kVisible,
                             Event::kHidden, Event::kChoose, Event::kSet0, Event::kNotChanged,
                             Event::kAnswer, Event::kForeign};

// The table of docs/frames.md, as a model: which state follows, and whether the step was legal.
struct Model {
  enum class State { kWaiting, kVisible, kHidden, kChoosing, kOver } state = State::kWaiting;
  int questions = 0;
  bool first_was_hidden = false;

  // Nothing when the event cannot be played in this state (a person answers only when asked).
  std::optional<bool> Play(Event event) {
    const bool asking =
        state == State::kVisible || state == State::kHidden || state == State::kChoosing;
    if (event == Event::kAnswer) {
      if (!asking) return std::nullopt;
      if (questions == 0) first_was_hidden = state == State::kHidden;
      ++questions;
      state = State::kWaiting;
      return true;
    }
    if (state != State::kWaiting) {
      state = State::kOver;
      return false;
    }
    switch (event) {
      case Event::kInfo:
      case Event::kError:
      case Event::kWait:
        return true;
      case Event::kVisible:
        state = State::kVisible;
        return true;
      case Event::kHidden:
        state = State::kHidden;
        return true;
      case Event::kChoose:
        state = State::kChoosing;
        return true;
      case Event::kSet0:
        state = State::kOver;
        return questions > 0 && first_was_hidden;
      case Event::kNotChanged:
        state = State::kOver;
        return true;
      case Event::kForeign:
        state = State::kOver;
        return false;
      case Event::kAnswer:
        break;
    }
    return false;
  }
};

Frame FrameFor(Event event) {
  switch (event) {
    case Event::kInfo:
      return Text(FrameType::kInfo);
    case Event::kError:
      return Text(FrameType::kError);
    case Event::kWait:
      return Text(FrameType::kWait, "");
    case Event::kVisible:
      return Text(FrameType::kAskVisible);
    case Event::kHidden:
      return Text(FrameType::kAskHidden);
    case Event::kChoose:
      return Choose({"a", "b", "c", "d", "e", "f", "g", "h", "i"});
    case Event::kSet0:
      return Done(Outcome::kPasswordSet, 0);
    case Event::kNotChanged:
      return Done(Outcome::kNotChanged, kNoAnswer);
    case Event::kForeign:
    case Event::kAnswer:
      return Text(FrameType::kCommitted, "");
  }
  return {};
}

// Plays the events; returns false when the sequence cannot be played.
bool PlayAndCompare(const std::vector<Event>& events) {
  HostFlow flow("alice", "");
  Model model;
  int answers = 0;
  for (const Event event : events) {
    const std::optional<bool> legal = model.Play(event);
    if (!legal) return false;
    if (event == Event::kAnswer) {
      FrameWriter writer(FrameType::kAnswer);
      const std::string answer(1, static_cast<char>('1' + answers++));  // no answer twice
      EXPECT_EQ(flow.TakeAnswer(answer, writer), AnswerVerdict::kSend);
      continue;
    }
    Frame frame = FrameFor(event);
    const bool broken = flow.TakeFrame(frame) == HostStep::kBroken;
    EXPECT_EQ(broken, !*legal);
    if (broken != !*legal) return true;
  }
  return true;
}

int PlayAll(std::vector<Event>& prefix, int depth) {
  if (!PlayAndCompare(prefix)) return 0;
  int played = 1;
  if (depth == 0) return played;
  for (const Event event : kEvents) {
    prefix.push_back(event);
    played += PlayAll(prefix, depth - 1);
    prefix.pop_back();
  }
  return played;
}

TEST(HostFlow, EveryOrderOfEventsEndsAsTheTableSays) {
  std::vector<Event> prefix;
  EXPECT_GT(PlayAll(prefix, 5), 50'000);
}

TEST(HostFlow, HandsOutThePasswordThatTheFlowNames) {
  HostFlow flow("alice", "");
  Take(flow, Text(FrameType::kAskVisible, "Code: "));
  EXPECT_EQ(Answer(flow, "12345678", AnswerVerdict::kSend),
            std::string("\x02\0\x0A\0\0", 5) + "12345678");
  Take(flow, Text(FrameType::kAskHidden, "New: "));
  Answer(flow, "new password", AnswerVerdict::kSend);
  Take(flow, Text(FrameType::kAskHidden, "Again: "));
  Answer(flow, "new password", AnswerVerdict::kSend);
  EXPECT_EQ(Take(flow, Done(Outcome::kPasswordSet, 2, "You are in.")), HostStep::kFinished);
  EXPECT_EQ(flow.outcome(), Outcome::kPasswordSet);
  EXPECT_EQ(flow.new_password().Reveal(), "new password");
  EXPECT_EQ(flow.text(), "You are in.");
}

TEST(HostFlow, RefusesADoneThatNamesAnAnswerItDoesNotHold) {
  for (const std::uint16_t index :
       {std::uint16_t{0}, std::uint16_t{5}, std::uint16_t{99}, kNoAnswer}) {
    HostFlow flow("alice", "");
    Take(flow, Text(FrameType::kAskVisible));
    Answer(flow, "visible", AnswerVerdict::kSend);
    for (int i = 0; i < 5; ++i) {  // 1 to 5; 1 is no longer held
      Take(flow, Text(FrameType::kAskHidden));
      Answer(flow, "hidden " + std::to_string(i), AnswerVerdict::kSend);
    }
    const HostStep step = Take(flow, Done(Outcome::kPasswordSet, index));
    EXPECT_EQ(step, index == 5 ? HostStep::kFinished : HostStep::kBroken) << index;
  }
}

TEST(HostFlow, RefusesAnEmptyPassword) {
  HostFlow flow("alice", "");
  Take(flow, Text(FrameType::kAskHidden));
  Answer(flow, "", AnswerVerdict::kSend);
  EXPECT_EQ(Take(flow, Done(Outcome::kPasswordSet, 0)), HostStep::kBroken);
}

TEST(HostFlow, RefusesTextThatIsNotClean) {
  for (const std::string& bad : {std::string("a\x1B[2J"),
                                 std::string("a\xC2\x9B"
                                             "2J"),
                                 std::string("\xFF"), std::string("a\0b", 3), std::string(512, 'x'),
                                 std::string("\u202E")}) {
    for (const FrameType type : {FrameType::kInfo, FrameType::kError, FrameType::kWait,
                                 FrameType::kAskVisible, FrameType::kAskHidden}) {
      HostFlow flow("alice", "");
      EXPECT_EQ(Take(flow, Text(type, bad)), HostStep::kBroken);
    }
    HostFlow choosing("alice", "");
    EXPECT_EQ(Take(choosing, Choose({"good", bad})), HostStep::kBroken);
    HostFlow ending("alice", "");
    EXPECT_EQ(Take(ending, Done(Outcome::kNotChanged, kNoAnswer, bad)), HostStep::kBroken);
  }
}

TEST(HostFlow, RefusesPromptsOfManyLinesAndEmptyOnes) {
  for (const FrameType type : {FrameType::kAskVisible, FrameType::kAskHidden}) {
    HostFlow lines("alice", "");
    EXPECT_EQ(Take(lines, Text(type, "a\nb")), HostStep::kBroken);
    HostFlow empty("alice", "");
    EXPECT_EQ(Take(empty, Text(type, "")), HostStep::kBroken);
  }
}

TEST(HostFlow, RefusesTornAndOverlongPayloads) {
  HostFlow torn("alice", "");
  EXPECT_EQ(Take(torn, FrameOf(FrameType::kDone, std::string("\1\xFF\xFF", 3))), HostStep::kBroken);
  HostFlow trailing("alice", "");
  EXPECT_EQ(Take(trailing, FrameOf(FrameType::kDone, std::string("\1\xFF\xFF\0\0x", 6))),
            HostStep::kBroken);
  HostFlow unknown("alice", "");
  EXPECT_EQ(Take(unknown, FrameOf(FrameType::kDone, std::string("\7\xFF\xFF\0\0", 5))),
            HostStep::kBroken);
  HostFlow none("alice", "");
  EXPECT_EQ(Take(none, Choose({})), HostStep::kBroken);
  HostFlow ten("alice", "");
  EXPECT_EQ(Take(ten, Choose(std::vector<std::string>(10, "x"))), HostStep::kBroken);
}

TEST(HostFlow, AsksAgainForAChoiceThatIsNotOfferedThenGivesUp) {
  for (const char* bad : {"", "0", "3", "12", "a", "1 ", "\xFF"}) {
    HostFlow flow("alice", "");
    ASSERT_EQ(Take(flow, Choose({"mail", "app"})), HostStep::kChoose);
    EXPECT_EQ(flow.label_count(), 2u);
    EXPECT_EQ(flow.label(1), "app");
    Answer(flow, bad, AnswerVerdict::kNotAChoice);
    Answer(flow, bad, AnswerVerdict::kNotAChoice);
    Answer(flow, bad, AnswerVerdict::kTooManyTries);
    EXPECT_EQ(Take(flow, Text(FrameType::kInfo)), HostStep::kBroken);
  }
  HostFlow flow("alice", "");
  Take(flow, Choose({"mail", "app"}));
  Answer(flow, "3", AnswerVerdict::kNotAChoice);
  EXPECT_EQ(Answer(flow, "2", AnswerVerdict::kSend), std::string("\x02\0\3\0\0", 5) + "2");
}

TEST(HostFlow, KnowsAFrontEndThatAnswersEverythingWithOneText) {
  HostFlow sddm("alice", "");  // every visible question is answered with the user name
  Take(sddm, Text(FrameType::kAskVisible));
  Answer(sddm, "alice", AnswerVerdict::kSameForAll);
  EXPECT_EQ(Take(sddm, Text(FrameType::kInfo)), HostStep::kBroken);
  HostFlow locker("alice", "forgot");  // every question with what was typed first
  Take(locker, Text(FrameType::kAskVisible));
  Answer(locker, "forgot", AnswerVerdict::kSameForAll);
  HostFlow replay("alice", "");  // a visible question with the secret before it
  Take(replay, Text(FrameType::kAskHidden));
  Answer(replay, "my secret", AnswerVerdict::kSend);
  Take(replay, Text(FrameType::kAskVisible));
  Answer(replay, "my secret", AnswerVerdict::kSameForAll);
}

TEST(HostFlow, KnowsAFrontEndThatAnswersNothingButNothing) {
  HostFlow flow("alice", "");
  for (int i = 1; i < HostFlow::kMaxEmptyAnswers; ++i) {
    Take(flow, Text(i % 2 == 0 ? FrameType::kAskHidden : FrameType::kAskVisible));
    Answer(flow, "", AnswerVerdict::kSend);
  }
  Take(flow, Text(FrameType::kAskVisible));
  Answer(flow, "", AnswerVerdict::kSameForAll);
}

TEST(HostFlow, EmptyAnswersAmongOthersGiveNobodyAway) {
  HostFlow flow("alice", "");
  Take(flow, Text(FrameType::kAskVisible));
  Answer(flow, "1", AnswerVerdict::kSend);
  for (int i = 0; i < 2 * HostFlow::kMaxEmptyAnswers; ++i) {
    Take(flow, Text(FrameType::kAskVisible));
    Answer(flow, "", AnswerVerdict::kSend);
  }
}

TEST(HostFlow, EndsAFlowThatNeverEnds) {
  HostFlow flow("alice", "");
  for (int i = 0; i < HostFlow::kMaxFrames; ++i) {
    ASSERT_EQ(Take(flow, Text(FrameType::kInfo)), HostStep::kShowInfo);
  }
  EXPECT_EQ(Take(flow, Text(FrameType::kInfo)), HostStep::kBroken);
}

TEST(HostDeadline, FirstFrameSoonNextFramesLaterWaitsBounded) {
  using std::chrono::milliseconds;
  HostDeadline deadline(milliseconds{1'000});
  EXPECT_EQ(deadline.Left(milliseconds{1'000}), milliseconds{3'000});
  EXPECT_EQ(deadline.Left(milliseconds{4'000}), milliseconds{0});
  deadline.OnAnswerSent(milliseconds{60'000});
  EXPECT_EQ(deadline.Left(milliseconds{60'000}), milliseconds{20'000});
  for (int i = 1; i <= 12; ++i) deadline.OnFrame(milliseconds{60'000 + i * 10'000});
  EXPECT_EQ(deadline.Left(milliseconds{180'000}), milliseconds{0});
  deadline.OnAnswerSent(milliseconds{200'000});
  EXPECT_EQ(deadline.Left(milliseconds{200'000}), milliseconds{20'000});
}

TEST(HostDeadline, APersonIsNotTimed) {
  using std::chrono::milliseconds;
  HostDeadline deadline(milliseconds{0});
  deadline.OnFrame(milliseconds{1'000});         // a message that wants to be confirmed
  deadline.OnPersonTook(milliseconds{500'000});  // which takes its time
  EXPECT_EQ(deadline.Left(milliseconds{501'000}), milliseconds{20'000});
  for (int i = 0; i < 10; ++i) deadline.OnFrame(milliseconds{501'000 + i * 10'000});
  EXPECT_EQ(deadline.Left(milliseconds{601'000}), milliseconds{10'000});
  EXPECT_EQ(deadline.Left(milliseconds{620'000}), milliseconds{0});
}

}  // namespace
}  // namespace sspr
