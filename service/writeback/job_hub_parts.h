// SPDX-License-Identifier: Apache-2.0
// What JobHub is made of, for its .cc files alone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "service/writeback/job_hub.h"

namespace sspr::service {

using Steady = std::chrono::steady_clock;

inline constexpr std::size_t kMostUnasked = 256;
inline constexpr std::chrono::milliseconds kLook{150};  // into the outbox, for what others answered

// Where an agent's thread waits.
class JobHub::Poll final : public LaterBody {
 public:
  using SentAt = std::shared_ptr<std::atomic<Steady::rep>>;

  // sent_at: when the agent was answered; 0 until then.
  Poll(JobTaker taker, std::chrono::milliseconds time, SentAt sent_at)
      : taker_(std::move(taker)), until_(Steady::now() + time), sent_at_(std::move(sent_at)) {}

  // False when it does not wait any more.
  bool Give(std::string body) {
    const std::lock_guard lock(mutex_);
    if (is_over_ || body_) return false;
    body_ = std::move(body);
    if (waker_) waker_();
    return true;
  }
  std::optional<std::string> TakeBody() override {
    const std::lock_guard lock(mutex_);
    if (!body_ && Steady::now() >= until_) body_ = "{}";
    if (!body_ || is_over_) return std::nullopt;
    is_over_ = true;
    *sent_at_ = Steady::now().time_since_epoch().count();
    return std::exchange(body_, std::nullopt);
  }
  void SetWaker(std::function<void()> waker) override {
    const std::lock_guard lock(mutex_);
    waker_ = std::move(waker);
    if (waker_ && body_) waker_();
  }
  const JobTaker& taker() const { return taker_; }

 private:
  const JobTaker taker_;
  const Steady::time_point until_;
  const SentAt sent_at_;
  std::mutex mutex_;
  std::function<void()> waker_;
  std::optional<std::string> body_;
  bool is_over_ = false;
};

struct JobHub::Lane {
  std::weak_ptr<Poll> poll;
  Poll::SentAt sent_at;
  std::string job_id;                   // that it is at
  std::optional<JobRecord> taken = {};  // that job, if it is of the outbox
};

struct JobHub::Question {
  WritebackJob job;
  std::string sealed;
  std::optional<WritebackAnswer> answer;
};

}  // namespace sspr::service
