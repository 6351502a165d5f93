// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/delivery_queue.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace sspr::service {
namespace {

// Whether another try may end better. A server that refuses our credentials does so again, and may
// lock the account.
bool IsPassing(Errc code) {
  switch (code) {
    case Errc::kTimedOut:
    case Errc::kUnreachable:
    case Errc::kProtocol:
    case Errc::kInternal:
    case Errc::kExpired:
    case Errc::kCancelled:
      return true;
    case Errc::kDenied:
    case Errc::kPolicy:
      return false;
  }
  return false;
}

}  // namespace

const char* Name(DeliveryOutcome outcome) noexcept {
  switch (outcome) {
    case DeliveryOutcome::kSent:
      return "sent";
    case DeliveryOutcome::kExpired:
      return "expired";
    case DeliveryOutcome::kRefused:
      return "refused";
    case DeliveryOutcome::kStopped:
      return "stopped";
  }
  return "unknown";
}

DeliveryQueue::DeliveryQueue(Notifier& notifier, const Clock& clock, DeliveryQueueSettings settings,
                             OnResult on_result)
    : notifier_(notifier),
      clock_(clock),
      settings_(settings),
      on_result_(std::move(on_result)),
      worker_([this] { Work(); }) {}

DeliveryQueue::~DeliveryQueue() { Stop(); }

bool DeliveryQueue::Push(Delivery delivery) {
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || held_ >= settings_.capacity) return false;
    ++held_;
    const std::chrono::milliseconds now = clock_.Monotonic();
    const std::chrono::milliseconds due = now + settings_.lead;
    // Where one waits that is due before, the worker wakes up for that one.
    wakes = std::ranges::none_of(waiting_,
                                 [&](const Entry& one) { return one.due > now && one.due <= due; });
    waiting_.push_back(Entry{std::move(delivery), due, settings_.first_pause, 0, {}});
  }
  if (wakes) wake_.notify_one();
  return true;
}

void DeliveryQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (worker_.joinable()) worker_.join();
}

void DeliveryQueue::Work() {
  // Signals are for the main thread; and a mail server that hangs up must not end the service.
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);

  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next =
        std::min_element(waiting_.begin(), waiting_.end(),
                         [](const Entry& one, const Entry& other) { return one.due < other.due; });
    if (next == waiting_.end()) {
      wake_.wait(lock);
      continue;
    }
    const std::chrono::milliseconds early = next->due - clock_.Monotonic();
    if (early > std::chrono::milliseconds::zero()) {
      wake_.wait_for(lock, early);
      continue;
    }
    Entry entry = std::move(*next);
    waiting_.erase(next);
    lock.unlock();
    const bool again = Try(entry);
    lock.lock();
    if (again) {
      waiting_.push_back(std::move(entry));
    } else {
      --held_;
    }
  }
  for (const Entry& entry : waiting_) {
    if (!entry.delivery.reference.empty()) Report(entry, DeliveryOutcome::kStopped);
  }
  waiting_.clear();
  held_ = 0;
}

// One try; whether there is to be another, for which entry is then set up.
bool DeliveryQueue::Try(Entry& entry) {
  if (entry.delivery.reference.empty()) return false;
  if (clock_.Monotonic() > entry.delivery.deadline) {
    Report(entry, DeliveryOutcome::kExpired);
    return false;
  }
  ++entry.tries;
  const Status sent = notifier_.Send(entry.delivery.message);
  if (sent.ok()) {
    entry.last_failure.clear();
    Report(entry, DeliveryOutcome::kSent);
    return false;
  }
  entry.last_failure = std::string(sspr::Name(sent.error().code)) + ": " + sent.error().detail;
  if (!IsPassing(sent.error().code)) {
    Report(entry, DeliveryOutcome::kRefused);
    return false;
  }
  entry.due = clock_.Monotonic() + entry.pause;
  entry.pause = std::min(entry.pause * 2, settings_.longest_pause);
  if (entry.due > entry.delivery.deadline) {
    Report(entry, DeliveryOutcome::kExpired);
    return false;
  }
  return true;
}

void DeliveryQueue::Report(const Entry& entry, DeliveryOutcome outcome) const {
  if (!on_result_) return;
  on_result_({entry.delivery.reference, outcome, entry.tries, entry.last_failure});
}

}  // namespace sspr::service
