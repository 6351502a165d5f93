// SPDX-License-Identifier: Apache-2.0
#include "service/engine/late_conclusions.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>

namespace sspr::service {
namespace {

constexpr std::size_t kMostRiders = 8;
constexpr std::chrono::milliseconds kLongestWait{100};
constexpr std::chrono::milliseconds kPauseAfterFailure{1'000};
constexpr std::chrono::seconds kLongestFlush{5};

thread_local bool in_step = false;

}  // namespace

LateConclusions::~LateConclusions() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LateConclusions::Add(LateConclusion conclusion) {
  const std::lock_guard lock(mutex_);
  held_.insert(conclusion.transaction.id);
  conclusion.due = std::chrono::steady_clock::now() + kLongestWait;
  waiting_.push_back(std::move(conclusion));
  if (!thread_.joinable()) thread_ = std::thread([this] { Serve(); });
  if (is_asleep_) work_.notify_all();
}

bool LateConclusions::Holds(std::string_view transaction_id) {
  const std::lock_guard lock(mutex_);
  return held_.contains(transaction_id);
}

// One that made a step fail takes no other step with it again: it goes alone.
std::vector<LateConclusion> LateConclusions::Take(std::size_t most, bool with_failed) {
  std::vector<LateConclusion> taken;
  const std::lock_guard lock(mutex_);
  for (auto next = waiting_.begin(); next != waiting_.end() && taken.size() < most;) {
    if (next->has_failed && !with_failed) {
      ++next;
      continue;
    }
    taken.push_back(std::move(*next));
    next = waiting_.erase(next);
  }
  return taken;
}

void LateConclusions::Step(const std::function<void()>& work) {
  // Only the outermost step commits, so only there does anybody ride.
  if (in_step) return store_.Atomically(work);
  in_step = true;
  const std::unique_ptr<bool, void (*)(bool*)> end(&in_step, [](bool* flag) { *flag = false; });
  StepWith(work, {}, true);
}

void LateConclusions::StepWith(const std::function<void()>& work,
                               std::vector<LateConclusion> riders, bool takes) {
  std::vector<bool> is_first;
  try {
    store_.Atomically([&] {
      if (takes && riders.empty()) riders = Take(kMostRiders, false);
      is_first.clear();
      // Before the work: the end of a reset closes the flows of the user that were there before it,
      // and not the sign-in that follows it.
      for (const LateConclusion& rider : riders) is_first.push_back(hooks_.write_down(rider));
      work();
    });
  } catch (...) {
    const std::lock_guard lock(mutex_);
    for (LateConclusion& rider : riders) {
      rider.has_failed = true;
      waiting_.push_back(std::move(rider));
    }
    work_.notify_all();
    settled_.notify_all();
    throw;
  }
  {
    const std::lock_guard lock(mutex_);
    for (const LateConclusion& rider : riders) held_.erase(rider.transaction.id);
  }
  if (!riders.empty()) settled_.notify_all();
  for (std::size_t i = 0; i < riders.size(); ++i) {
    if (is_first[i]) hooks_.tell(riders[i]);
  }
}

void LateConclusions::WriteDownWaiting() {
  while (true) {
    std::vector<LateConclusion> riders = Take(kMostRiders, false);
    if (riders.empty()) riders = Take(1, true);
    if (riders.empty()) return;
    StepWith([] {}, std::move(riders), false);
  }
}

// What another step has taken along is not written down before that one has committed.
void LateConclusions::Flush() {
  std::set<std::string, std::less<>> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = held_;
  }
  WriteDownWaiting();
  if (in_step) return;  // whose riders may be the very ones
  const auto is_done = [&] {
    return std::ranges::none_of(wanted, [this](const auto& id) { return held_.contains(id); });
  };
  const auto until = std::chrono::steady_clock::now() + kLongestFlush;
  std::unique_lock lock(mutex_);
  while (!is_done()) {
    const bool stirred =
        settled_.wait_until(lock, until, [&] { return is_done() || !waiting_.empty(); });
    if (!stirred) return;
    lock.unlock();
    WriteDownWaiting();  // that step failed, and gave them back
    lock.lock();
  }
}

// Where resets follow one another, others' steps take along what waits, and there is nothing to do
// here but to look; so it looks now and then, and is called only where nothing came for a while.
void LateConclusions::Serve() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the main thread
  std::unique_lock lock(mutex_);
  bool is_busy = false;  // something came in the last round
  while (true) {
    if (waiting_.empty() && !is_busy) {
      is_asleep_ = true;
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      is_asleep_ = false;
    }
    is_busy = !waiting_.empty();
    const auto due =
        is_busy ? waiting_.front().due : std::chrono::steady_clock::now() + kLongestWait;
    work_.wait_until(lock, due, [this] { return stopping_; });
    is_busy = is_busy || !waiting_.empty();
    const bool last = stopping_;
    const bool is_due =
        !waiting_.empty() && waiting_.front().due <= std::chrono::steady_clock::now();
    if (!is_due && !last) continue;
    lock.unlock();
    bool failed = false;
    try {
      WriteDownWaiting();
    } catch (const std::exception& error) {
      hooks_.log(std::string("the end of a reset is not written down yet: ") + error.what());
      failed = true;
    }
    lock.lock();
    if (last) return;
    if (failed) work_.wait_for(lock, kPauseAfterFailure, [this] { return stopping_; });
  }
}

}  // namespace sspr::service
