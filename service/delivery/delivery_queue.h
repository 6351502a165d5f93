// SPDX-License-Identifier: Apache-2.0
// Messages wait here for one worker thread, so that the answer to a caller depends neither on the
// mail server nor on the address: not in content and not in time. Bounded; a code that would arrive
// too late is dropped, not sent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

struct Delivery {
  Message message;
  // Clock::Monotonic() after which the message is worthless.
  std::chrono::milliseconds deadline{0};
  // Comes back with the result (a flow id, say). Empty: a decoy, waits like the others, is dropped.
  std::string reference;
};

enum class DeliveryOutcome {
  kSent,     // the mail server has it
  kExpired,  // its deadline passed before a try succeeded
  kRefused,  // unfit, or refused for good
  kStopped,  // the service ended first
};

// The name of an outcome for the audit ("sent").
const char* Name(DeliveryOutcome outcome) noexcept;

struct DeliveryResult {
  std::string reference;
  DeliveryOutcome outcome;
  int tries;
  std::string detail;  // of the last failure; for the log
};

struct DeliveryQueueSettings {
  std::size_t capacity = 1024;
  // How long a message stays before it is sent: by then the answer to the caller has left, and the
  // work of sending, which there is for real people only, can make no answer slower.
  std::chrono::milliseconds lead{40};
  // Between the tries of one message; doubles each time up to the second value.
  std::chrono::milliseconds first_pause{1'000};
  std::chrono::milliseconds longest_pause{30'000};
};

class DeliveryQueue {
 public:
  // Called on the worker thread, once for each message that Push took. Must not throw or call back
  // into the queue.
  using OnResult = std::function<void(const DeliveryResult&)>;

  // notifier and clock outlive the queue.
  DeliveryQueue(Notifier& notifier, const Clock& clock, DeliveryQueueSettings settings,
                OnResult on_result);
  DeliveryQueue(const DeliveryQueue&) = delete;
  DeliveryQueue& operator=(const DeliveryQueue&) = delete;
  ~DeliveryQueue();  // Stop()

  // Returns at once. False when the queue is full or stopped: the message is dropped, no result
  // follows. Safe from any thread.
  [[nodiscard]] bool Push(Delivery delivery);

  // Lets the try that is under way end, reports everything that waits as kStopped, and joins the
  // worker. Safe to call twice; not from the worker.
  void Stop();

 private:
  struct Entry {
    Delivery delivery;
    std::chrono::milliseconds due{0};
    std::chrono::milliseconds pause{0};
    int tries = 0;
    std::string last_failure;
  };

  void Work();
  bool Try(Entry& entry);
  void Report(const Entry& entry, DeliveryOutcome outcome) const;

  Notifier& notifier_;
  const Clock& clock_;
  const DeliveryQueueSettings settings_;
  const OnResult on_result_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Entry> waiting_;
  std::size_t held_ = 0;  // waiting, and the one that is tried
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace sspr::service
