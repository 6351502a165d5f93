// SPDX-License-Identifier: Apache-2.0
// A few threads of low priority that compute password hashes, first come, first served. A flood of
// hashes can take neither the memory nor the processors from the requests that need none. The
// memory of a hash stays with its thread while hashes follow each other, and goes back to the
// system soon after.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sspr::service {

// Blocks of memory of one size, one at a time.
class HashMemory {
 public:
  HashMemory() = default;
  HashMemory(const HashMemory&) = delete;
  HashMemory& operator=(const HashMemory&) = delete;
  ~HashMemory() { Release(); }
  // Null when there is none.
  std::uint8_t* Take(std::size_t bytes);
  void Release();

 private:
  void* start_ = nullptr;
  std::size_t bytes_ = 0;
};

class HashWorkers {
 public:
  using Work = std::function<void(HashMemory&)>;

  // The threads are started when the first work comes.
  explicit HashWorkers(unsigned threads) : count_(threads == 0 ? 1 : threads) {}
  HashWorkers(const HashWorkers&) = delete;
  HashWorkers& operator=(const HashWorkers&) = delete;
  ~HashWorkers();

  // Returns when the work is done; false, and it never is, when no thread was free within 10 s.
  // work must not throw.
  bool Do(const Work& work);

 private:
  enum class State { kWaiting, kRunning, kDone };
  struct Job {
    const Work* work = nullptr;
    State state = State::kWaiting;
    std::condition_variable changed = {};
  };

  void Serve();

  const unsigned count_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> waiting_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

}  // namespace sspr::service
