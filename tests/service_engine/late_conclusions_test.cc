// SPDX-License-Identifier: Apache-2.0
// What a directory made durable is written down once, with somebody's step or soon after.
#include "service/engine/late_conclusions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/memory_store.h"

namespace sspr::service {
namespace {

LateConclusion Of(const std::string& id) {
  LateConclusion late;
  late.transaction.id = id;
  return late;
}

class LateConclusionsTest : public testing::Test {
 protected:
  LateConclusions::Hooks Hooks() {
    return {.write_down =
                [this](const LateConclusion& late) {
                  const std::lock_guard lock(mutex);
                  if (refusing) throw StoreFailure("full");
                  written.push_back(late.transaction.id);
                  return late.transaction.id != "of another";
                },
            .tell =
                [this](const LateConclusion& late) {
                  const std::lock_guard lock(mutex);
                  told.push_back(late.transaction.id);
                },
            .log = [](std::string_view) {}};
  }
  std::vector<std::string> Written() {
    const std::lock_guard lock(mutex);
    return written;
  }
  std::vector<std::string> Told() {
    const std::lock_guard lock(mutex);
    return told;
  }

  std::mutex mutex;
  bool refusing = false;
  std::vector<std::string> written;
  std::vector<std::string> told;
  MemoryStore store;
};

TEST_F(LateConclusionsTest, WhatWaitsIsWrittenOnce_AndToldByWhoWroteItDown) {
  {
    LateConclusions late(store, Hooks());
    for (const char* id : {"a", "of another", "b"}) {
      late.Add(Of(id));
      EXPECT_TRUE(late.Holds(id) || Written().size() > 0);
    }
    bool worked = false;
    late.Step([&worked] { worked = true; });
    EXPECT_TRUE(worked);
    late.Flush();
  }
  std::vector<std::string> sorted = written;
  std::ranges::sort(sorted);
  EXPECT_EQ(sorted, (std::vector<std::string>{"a", "b", "of another"}));
  std::ranges::sort(told);
  EXPECT_EQ(told, (std::vector<std::string>{"a", "b"}));
}

TEST_F(LateConclusionsTest, EndWritesWhatStillWaits) {
  { LateConclusions(store, Hooks()).Add(Of("a")); }
  EXPECT_EQ(written, std::vector<std::string>{"a"});
}

TEST_F(LateConclusionsTest, StepThatFailsLosesNothing_AndTheNextOneGoesWithoutIt) {
  {
    LateConclusions late(store, Hooks());
    {
      const std::lock_guard lock(mutex);
      refusing = true;
    }
    late.Add(Of("a"));
    try {
      late.Flush();
    } catch (const StoreFailure&) {
      // Unless its own thread was faster, and has heard it.
    }
    EXPECT_TRUE(late.Holds("a"));
    bool worked = false;
    late.Step([&worked] { worked = true; });
    EXPECT_TRUE(worked);
    EXPECT_TRUE(late.Holds("a"));
    const std::lock_guard lock(mutex);
    refusing = false;
  }
  EXPECT_EQ(written, std::vector<std::string>{"a"});
  EXPECT_EQ(told, std::vector<std::string>{"a"});
}

TEST_F(LateConclusionsTest, FlushWaitsForWhatAnotherStepTookAlong) {
  std::promise<void> taken;
  std::promise<void> released;
  LateConclusions::Hooks hooks = Hooks();
  hooks.write_down = [&](const LateConclusion&) {
    taken.set_value();
    released.get_future().wait();
    return true;
  };
  LateConclusions late(store, hooks);
  late.Add(Of("a"));
  std::thread taker([&late] { late.Step([] {}); });
  taken.get_future().wait();
  std::atomic<bool> held_at_the_end = false;
  std::thread flusher([&] {
    late.Flush();
    held_at_the_end = late.Holds("a");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // in which it had better not return
  released.set_value();
  flusher.join();
  taker.join();
  EXPECT_FALSE(held_at_the_end);
}

TEST_F(LateConclusionsTest, WhatWaitsIsWrittenBeforeTheWorkOfTheStep) {
  LateConclusions late(store, Hooks());
  late.Add(Of("a"));
  std::vector<std::string> before;
  late.Step([&] { before = Written(); });
  while (late.Holds("a")) std::this_thread::yield();  // its own thread may be at it
  EXPECT_EQ(Written(), std::vector<std::string>{"a"});
  EXPECT_EQ(before, Written());
}

// Else a poll between the two would find neither what waits nor what is written.
TEST_F(LateConclusionsTest, StepWithinAStep_LeavesWhatWaitsToTheOneThatCommits) {
  LateConclusions late(store, Hooks());
  late.Step([&] {
    late.Add(Of("a"));
    late.Step([] {});
    EXPECT_TRUE(late.Holds("a"));
  });
  late.Step([] {});
  while (late.Holds("a")) std::this_thread::yield();  // its own thread may be at it
  EXPECT_EQ(Written(), std::vector<std::string>{"a"});
}

TEST_F(LateConclusionsTest, StepOfSomebodyElseThatFails_IsTheirsToHear) {
  LateConclusions late(store, Hooks());
  late.Add(Of("a"));
  EXPECT_THROW(late.Step([] { throw std::runtime_error("theirs"); }), std::runtime_error);
  late.Flush();
  while (late.Holds("a")) std::this_thread::yield();  // its own thread may be at it
  // The store of the test takes nothing back of a step that failed; but it counts once.
  EXPECT_EQ(Written().size(), 2U);
  EXPECT_EQ(Told(), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace sspr::service
