// SPDX-License-Identifier: Apache-2.0
// The end of a reset that a directory outside has made durable already: the person may be told at
// once, and to write it down here can wait for the next step of the store that anybody takes, whose
// commit it shares, or for a few milliseconds. Should the service die before that, the transaction
// still is pending, and the directory is asked about it after the start, as always.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "service/flow_service.h"
#include "service/store/flow_store.h"

namespace sspr::service {

struct LateConclusion {
  Caller caller;
  TransactionRecord transaction;
  std::string polled;  // the token that the client polls with
  bool has_failed = false;
  std::chrono::steady_clock::time_point due = {};  // set by Add: written down alone from then on
};

class LateConclusions {
 public:
  struct Hooks {
    // Part of a step of the store. True for the one who writes it down.
    std::function<bool(const LateConclusion&)> write_down;
    // After the commit, for that one.
    std::function<void(const LateConclusion&)> tell;
    std::function<void(std::string_view)> log;
  };

  // store outlives it.
  LateConclusions(FlowStore& store, Hooks hooks) : store_(store), hooks_(std::move(hooks)) {}
  LateConclusions(const LateConclusions&) = delete;
  LateConclusions& operator=(const LateConclusions&) = delete;
  ~LateConclusions();

  void Add(LateConclusion conclusion);
  // FlowStore::Atomically, with some of what waits in the same step. A step within a step is part
  // of it, and takes nothing of its own.
  void Step(const std::function<void()>& work);
  // Whether that transaction has succeeded and is not written down yet.
  bool Holds(std::string_view transaction_id);
  // Everything that is held now is written down when this returns, also what another step has taken
  // along (or 5 s have passed). Throws StoreFailure.
  void Flush();

 private:
  std::vector<LateConclusion> Take(std::size_t most, bool with_failed);
  // takes: what waits when the step has begun rides as well.
  void StepWith(const std::function<void()>& work, std::vector<LateConclusion> riders, bool takes);
  void WriteDownWaiting();
  void Serve();

  FlowStore& store_;
  const Hooks hooks_;
  std::mutex mutex_;
  std::condition_variable work_;     // for the thread
  std::condition_variable settled_;  // for Flush: fewer are held, or a step gave back what it took
  std::deque<LateConclusion> waiting_;
  std::set<std::string, std::less<>> held_;  // waiting, or in a step that is not committed yet
  std::thread thread_;
  bool is_asleep_ = false;  // the thread, until it is called
  bool stopping_ = false;
};

}  // namespace sspr::service
