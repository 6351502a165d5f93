// SPDX-License-Identifier: Apache-2.0
// The service's side of writeback on a database of its own, with agents that a test plays.
#pragma once

#include <json/value.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "common/writeback/sealing_key.h"
#include "service/crypto/digest.h"
#include "service/crypto/service_keys.h"
#include "service/store/sql_store.h"
#include "service/writeback/agent_directory.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {

struct HubWorld {
  explicit HubWorld(const std::string& target = {}) {
    auto opened = SqlDatabase::Open(target.empty() ? folder.File("x.db") : target, 8);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    if (!ServiceKeys::Create(folder.File("secrets.key"), random).ok()) {
      throw std::runtime_error("no keys");
    }
    auto loaded = ServiceKeys::Load(folder.File("secrets.key"));
    if (!loaded.ok()) throw std::runtime_error(loaded.error().detail);
    keys = std::make_unique<ServiceKeys>(std::move(*loaded));
    audit = std::make_unique<AuditLog>(folder.File("audit"), *database, *keys, random, clock);
    // On a machine that is busy, nobody runs out of patience.
    auto desk = std::make_unique<WritebackDesk>(
        *database, *store, *audit, random, clock, [](std::string_view) {},
        JobHubSettings{.set_wait = std::chrono::minutes(1), .ask_wait = std::chrono::minutes(1)});
    directory =
        std::make_unique<AgentDirectory>(std::move(desk), *store, clock, [](std::string_view) {});
  }
  JobHub& hub() { return directory->desk().hub; }

  // An agent with that id, registered as the API does it.
  void Register(const std::string& id, const SealingKey& key) {
    const auto code = directory->desk().registry.IssueCode(60, "a test");
    if (!code.ok()) throw std::runtime_error(code.error().detail);
    const auto refused = directory->desk().registry.Register({.code = code->text,
                                                              .key = {id, "{}", ""},
                                                              .sealing_key = Hex(key.Public()),
                                                              .name = "agent",
                                                              .versions = "1",
                                                              .address = "127.0.0.1",
                                                              .correlation_id = {}});
    if (refused) throw std::runtime_error("the agent was not registered");
  }

  // As an agent asks, again after each answer without work: nothing when there was none in that
  // time.
  std::optional<WritebackJob> Ask(const JobTaker& taker,
                                  const std::optional<WritebackAnswer>& answer,
                                  std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::shared_ptr<LaterBody> body = hub().Exchange(taker, answer);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
      if (const std::optional<std::string> text = body->TakeBody()) {
        const auto value = ParseStrictJson(*text);
        if (!value.ok()) throw std::runtime_error(value.error().detail);
        if (!value->isMember("job")) {
          body = hub().Exchange(taker, std::nullopt);
          continue;
        }
        auto job = JobFromJson((*value)["job"]);
        if (!job.ok()) throw std::runtime_error(job.error().detail);
        return std::move(*job);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return std::nullopt;
  }

  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<ServiceKeys> keys;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<AgentDirectory> directory;
};

}  // namespace sspr::service
