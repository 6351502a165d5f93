// SPDX-License-Identifier: Apache-2.0
// The queue between the answer to a caller and the mail server. Time is a parameter here; no test
// waits for a clock.
#include "service/delivery/delivery_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/fake_notifier.h"

namespace sspr::service {
namespace {

using std::chrono::milliseconds;

class HandClock final : public Clock {
 public:
  UnixSeconds Now() const override { return 0; }
  milliseconds Monotonic() const override { return milliseconds(now_.load()); }
  void Advance(milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<milliseconds::rep> now_{1'000'000};
};

// Blocks each Send until it is let go.
class GatedNotifier final : public Notifier {
 public:
  Status Send(const Message& message) override {
    entered_.set_value();
    gate_.get_future().wait();
    return inner_.Send(message);
  }
  void WaitUntilEntered() { entered_.get_future().wait(); }
  void LetGo() { gate_.set_value(); }

 private:
  std::promise<void> entered_, gate_;
  FakeNotifier inner_;
};

class Results {
 public:
  DeliveryQueue::OnResult Collector() {
    return [this](const DeliveryResult& result) {
      const std::lock_guard lock(mutex_);
      results_.push_back(result);
      more_.notify_all();
    };
  }
  std::vector<DeliveryResult> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        more_.wait_for(lock, std::chrono::seconds(10), [&] { return results_.size() >= count; }));
    return results_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<DeliveryResult> results_;
};

class Queue : public testing::Test {
 protected:
  static DeliveryQueueSettings Settings() {
    DeliveryQueueSettings settings;
    settings.lead = milliseconds(0);
    settings.first_pause = milliseconds(0);
    settings.longest_pause = milliseconds(0);
    return settings;
  }
  Delivery For(const std::string& reference, milliseconds lives = std::chrono::minutes(5)) {
    return {{"alice@example.org", "Your code", *SecretBody::CopyOf("12345678\n")},
            clock_.Monotonic() + lives,
            reference};
  }

  HandClock clock_;
  FakeNotifier notifier_;
  Results results_;
};

TEST_F(Queue, MessageIsSentAndItsReferenceReported) {
  DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
  ASSERT_TRUE(queue.Push(For("flow-1")));
  const auto results = results_.WaitFor(1);
  EXPECT_EQ(results[0].reference, "flow-1");
  EXPECT_EQ(results[0].outcome, DeliveryOutcome::kSent);
  EXPECT_EQ(results[0].tries, 1);
  EXPECT_EQ(notifier_.mails().size(), 1U);
}

TEST_F(Queue, PushReturnsWhileTheMailServerHangs) {
  GatedNotifier hanging;
  DeliveryQueue queue(hanging, clock_, Settings(), results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  hanging.WaitUntilEntered();
  EXPECT_TRUE(queue.Push(For("b", milliseconds(-1))));  // never sent: it comes too late
  hanging.LetGo();
  const auto results = results_.WaitFor(2);
  EXPECT_EQ(results[0].outcome, DeliveryOutcome::kSent);
  EXPECT_EQ(results[1].outcome, DeliveryOutcome::kExpired);
}

TEST_F(Queue, PassingFailureIsTriedAgain) {
  notifier_.FailNext(Errc::kUnreachable, 2);
  notifier_.FailNext(Errc::kTimedOut);
  DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  const auto results = results_.WaitFor(1);
  EXPECT_EQ(results[0].outcome, DeliveryOutcome::kSent);
  EXPECT_EQ(results[0].tries, 4);
  EXPECT_EQ(notifier_.mails().size(), 1U);
}

TEST_F(Queue, RefusalForGoodIsNotTriedAgain) {
  for (const Errc code : {Errc::kPolicy, Errc::kDenied}) {
    FakeNotifier refusing;
    Results results;
    refusing.FailNext(code);
    DeliveryQueue queue(refusing, clock_, Settings(), results.Collector());
    ASSERT_TRUE(queue.Push(For("a")));
    EXPECT_EQ(results.WaitFor(1)[0].outcome, DeliveryOutcome::kRefused);
    queue.Stop();
    EXPECT_EQ(refusing.tries(), 1);
  }
}

TEST_F(Queue, OneRefusedMessageHoldsUpNoOther) {
  notifier_.FailNext(Errc::kPolicy);
  DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  ASSERT_TRUE(queue.Push(For("b")));
  const auto results = results_.WaitFor(2);
  EXPECT_EQ(results[1].reference, "b");
  EXPECT_EQ(results[1].outcome, DeliveryOutcome::kSent);
}

TEST_F(Queue, CodeThatWouldArriveTooLateIsDropped) {
  DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
  Delivery late = For("a", milliseconds(10));
  clock_.Advance(milliseconds(11));
  ASSERT_TRUE(queue.Push(std::move(late)));
  const auto results = results_.WaitFor(1);
  EXPECT_EQ(results[0].outcome, DeliveryOutcome::kExpired);
  EXPECT_EQ(results[0].tries, 0);
  EXPECT_TRUE(notifier_.mails().empty());
}

TEST_F(Queue, MessageWaitsUntilTheAnswerHasLeft) {
  DeliveryQueueSettings settings = Settings();
  settings.lead = milliseconds(40);
  DeliveryQueue queue(notifier_, clock_, settings, results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  clock_.Advance(milliseconds(39));
  std::this_thread::sleep_for(milliseconds(60));  // the worker looks again after 40
  EXPECT_TRUE(notifier_.mails().empty());
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(results_.WaitFor(1)[0].outcome, DeliveryOutcome::kSent);
}

TEST_F(Queue, DecoyIsNeitherSentNorReported) {
  {
    DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
    ASSERT_TRUE(queue.Push(For("")));
    ASSERT_TRUE(queue.Push(For("a")));
    ASSERT_EQ(results_.WaitFor(1).size(), 1U);
    ASSERT_TRUE(queue.Push(For("")));
  }
  EXPECT_EQ(results_.WaitFor(1).size(), 1U);
  EXPECT_EQ(notifier_.mails().size(), 1U);
}

TEST_F(Queue, NoTryIsWaitedForThatWouldComeTooLate) {
  DeliveryQueueSettings settings = Settings();
  settings.first_pause = std::chrono::minutes(10);  // longer than the message lives
  notifier_.FailNext(Errc::kUnreachable);
  DeliveryQueue queue(notifier_, clock_, settings, results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  const auto results = results_.WaitFor(1);
  EXPECT_EQ(results[0].outcome, DeliveryOutcome::kExpired);
  EXPECT_EQ(results[0].tries, 1);
  EXPECT_EQ(results[0].detail, "unreachable: scripted");
}

TEST_F(Queue, FullQueueRefusesAndForgetsNothing) {
  GatedNotifier hanging;
  DeliveryQueueSettings settings = Settings();
  settings.capacity = 2;
  DeliveryQueue queue(hanging, clock_, settings, results_.Collector());
  ASSERT_TRUE(queue.Push(For("a")));
  hanging.WaitUntilEntered();
  EXPECT_TRUE(queue.Push(For("b", milliseconds(-1))));
  EXPECT_FALSE(queue.Push(For("c")));
  hanging.LetGo();
  EXPECT_EQ(results_.WaitFor(2).size(), 2U);
}

TEST_F(Queue, StopReportsWhatWaitsAndTakesNothingMore) {
  DeliveryQueueSettings settings = Settings();
  settings.first_pause = std::chrono::minutes(1);
  FakeNotifier failing;
  failing.FailNext(Errc::kUnreachable, 100);
  DeliveryQueue queue(failing, clock_, settings, results_.Collector());
  const std::set<std::string> pushed = {"a", "b", "c"};
  for (const std::string& one : pushed) ASSERT_TRUE(queue.Push(For(one)));
  queue.Stop();
  queue.Stop();
  EXPECT_FALSE(queue.Push(For("d")));
  std::set<std::string> reported;
  for (const DeliveryResult& result : results_.WaitFor(3)) {
    EXPECT_EQ(result.outcome, DeliveryOutcome::kStopped);
    reported.insert(result.reference);
  }
  EXPECT_EQ(reported, pushed);
}

TEST_F(Queue, ManyThreadsMayPush) {
  DeliveryQueue queue(notifier_, clock_, Settings(), results_.Collector());
  std::vector<std::future<void>> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(std::async(std::launch::async, [&] {
      for (int k = 0; k < 50; ++k) ASSERT_TRUE(queue.Push(For("x")));
    }));
  }
  for (auto& thread : threads) thread.get();
  EXPECT_EQ(results_.WaitFor(200).size(), 200U);
  EXPECT_EQ(notifier_.mails().size(), 200U);
}

}  // namespace
}  // namespace sspr::service
