// SPDX-License-Identifier: Apache-2.0
// A directory behind a service's outbox and an agent with a ledger of its own: all but the
// connection between them, which other tests have.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/directory/ldap_settings.h"
#include "tests/writeback/hub_world.h"
#include "writeback/job_worker.h"

namespace sspr::service {

class AgentWorld {
 public:
  // database: of the service; empty: a file of its own.
  explicit AgentWorld(LdapSettings settings, const std::string& database = {}) : world_(database) {
    auto key = SealingKey::Generate();
    if (!key.ok()) throw std::runtime_error(key.error().detail);
    world_.Register(agent_, *key);
    AgentConfig config;
    config.allow = {.reset = true, .unlock = true, .groups = {}, .never_groups = {}};
    config.directory = std::move(settings);
    auto made =
        JobWorker::Make(config, folder_.File("ledger.db"), agent_, std::move(*key), world_.clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    worker_ = std::move(*made);
    world_.hub().Start();
    for (int lane = 0; lane < kLanes; ++lane) {
      lanes_.emplace_back([this, lane] { Serve(lane); });
    }
    while (!world_.hub().HasAgent()) std::this_thread::yield();
  }
  AgentWorld(const AgentWorld&) = delete;
  AgentWorld& operator=(const AgentWorld&) = delete;
  ~AgentWorld() {
    stopping_ = true;
    for (std::thread& lane : lanes_) lane.join();
    world_.hub().Stop();
  }

  Directory& directory() { return *world_.directory; }
  FakeClock& clock() { return world_.clock; }

 private:
  void Serve(int lane) {
    std::optional<WritebackAnswer> answer;
    while (!stopping_) {
      const auto job =
          world_.Ask({agent_, std::string(32, '0'), lane}, answer, std::chrono::milliseconds(200));
      answer.reset();
      if (job) answer = worker_->Do(*job);
    }
  }

  static constexpr int kLanes = 3;
  const std::string agent_ = std::string(64, 'a');
  test::ScratchFolder folder_;
  HubWorld world_;
  std::unique_ptr<JobWorker> worker_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> lanes_;
};

}  // namespace sspr::service
