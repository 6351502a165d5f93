// SPDX-License-Identifier: Apache-2.0
// The threads of a running agent: each asks the service for work, does it, and says with the next
// question what came of it. While the service cannot be reached, an answer is kept and said later.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "writeback/agent_config.h"
#include "writeback/agent_link.h"
#include "writeback/agent_state.h"
#include "writeback/job_worker.h"

namespace sspr {

class Lanes {
 public:
  // All outlive it.
  static Result<std::unique_ptr<Lanes>> Start(const AgentConfig& config, const AgentState& state,
                                              JobWorker& worker, const Clock& clock);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  // What is under way in the directory is finished, and told after the next start.
  ~Lanes();

 private:
  explicit Lanes(JobWorker& worker) : worker_(worker) {}
  void Serve(AgentLink& link, int lane);
  // How long to wait before the next try; says so in the log, once for each change.
  std::chrono::milliseconds Judge(const Error& error, int failures);
  void NoteConnected();
  // False when it is over.
  bool Pause(std::chrono::milliseconds time);

  JobWorker& worker_;
  std::string session_;  // of this process, 32 hexadecimal digits
  int hang_up_ = -1;     // closed to end what is under way
  int watched_ = -1;
  std::vector<std::unique_ptr<AgentLink>> links_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string said_;  // the last fault that was logged; empty: none, the service is reached
  bool was_reached_ = false;
};

}  // namespace sspr
