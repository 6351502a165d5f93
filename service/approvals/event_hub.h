// SPDX-License-Identifier: Apache-2.0
// Tells open pages of phones that something waits for them. Requests come into being in any process
// on the database, so one thread looks there, once a second and only while a page listens; pages
// themselves hold no thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "service/http/http_message.h"
#include "service/store/approval_table.h"

namespace sspr::service {

class EventHub {
 public:
  using Log = std::function<void(std::string_view)>;

  // All outlive it.
  EventHub(ApprovalTable& table, const Clock& clock, Log log);
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;
  ~EventHub();

  // Events of this user: "waiting" whenever what waits has changed, and once at the beginning. Null
  // when the user has too many open.
  std::shared_ptr<EventStream> Open(const std::string& user_id);

 private:
  class Stream;

  void Work();
  void Look();

  ApprovalTable& table_;
  const Clock& clock_;
  const Log log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::weak_ptr<Stream>> streams_;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace sspr::service
