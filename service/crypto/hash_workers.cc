// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/hash_workers.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

namespace sspr::service {
namespace {

constexpr std::chrono::seconds kLongestWait{10};
constexpr std::chrono::milliseconds kKeepMemory{500};
constexpr int kNice = 3;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

}  // namespace

std::uint8_t* HashMemory::Take(std::size_t bytes) {
  if (bytes > bytes_) {
    Release();
    const std::size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* const made =
        mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) return nullptr;
    madvise(made, whole,
            MADV_HUGEPAGE);  // fewer faults; where there are none it is as fast as ever
    madvise(made, whole, MADV_DONTDUMP);
    start_ = made;
    bytes_ = whole;
  }
  return static_cast<std::uint8_t*>(start_);
}

void HashMemory::Release() {
  if (start_ != nullptr) munmap(start_, bytes_);
  start_ = nullptr;
  bytes_ = 0;
}

HashWorkers::~HashWorkers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool HashWorkers::Do(const Work& work) {
  Job job{.work = &work};
  std::unique_lock lock(mutex_);
  if (threads_.size() < count_) threads_.emplace_back([this] { Serve(); });
  waiting_.push_back(&job);
  wake_.notify_one();
  job.changed.wait_for(lock, kLongestWait, [&job] { return job.state != State::kWaiting; });
  if (job.state == State::kWaiting) {
    std::erase(waiting_, &job);
    return false;
  }
  job.changed.wait(lock, [&job] { return job.state == State::kDone; });
  return true;
}

void HashWorkers::Serve() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);                      // signals are for the main thread
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);  // of this thread alone
  HashMemory memory;
  std::unique_lock lock(mutex_);
  while (true) {
    const auto is_due = [this] { return stopping_ || !waiting_.empty(); };
    if (!wake_.wait_for(lock, kKeepMemory, is_due)) {
      memory.Release();
      wake_.wait(lock, is_due);
    }
    if (waiting_.empty()) return;  // stopping
    Job& job = *waiting_.front();
    waiting_.pop_front();
    job.state = State::kRunning;
    job.changed.notify_one();
    lock.unlock();
    (*job.work)(memory);
    lock.lock();
    job.state = State::kDone;
    job.changed.notify_one();
  }
}

}  // namespace sspr::service
