// SPDX-License-Identifier: Apache-2.0
// Reads the risk of users from Microsoft Graph again and again, and tells it which risks are over.
// Several processes may do so on one database: what one has taken, the others find taken.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/base/result.h"
#include "service/engine/engine_parts.h"
#include "service/engine/engine_settings.h"
#include "service/risk/graph_client.h"

namespace sspr::service {

struct GraphRound {
  int read = 0;       // changes that Graph told
  int taken = 0;      // of those, that changed a user's risk
  int unknown = 0;    // of those, of users without an external id here
  int dismissed = 0;  // ends of risks that Graph was told
  int deferred = 0;   // that will be told later
};

class GraphPoller {
 public:
  // What is in parts outlives it. kPolicy when the settings are unfit.
  static Result<std::unique_ptr<GraphPoller>> Make(EngineParts parts,
                                                   const GraphSettings& settings);
  ~GraphPoller();  // ends the thread

  // Once, on the caller's thread. Errors as of GraphClient; what was not done is done later.
  Result<GraphRound> PollOnce();
  // On a thread of its own, until the end. To be called once.
  void Start();

 private:
  GraphPoller(EngineParts parts, const GraphSettings& settings);
  void Run();
  Status Read(GraphRound& round);
  Status TellEnds(GraphRound& round);
  void TellOneByOne(const std::vector<OutboxRecord>& due, GraphRound& round);
  void Finish(const std::vector<OutboxRecord>& told, const char* outcome);
  UnixSeconds Since();
  int PauseAfter(const Result<GraphRound>& round);

  EngineParts parts_;
  const int poll_seconds_;
  std::unique_ptr<GraphClient> client_;
  int failures_ = 0;  // in a row
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace sspr::service
