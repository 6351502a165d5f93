// SPDX-License-Identifier: Apache-2.0
#include "service/approvals/event_hub.h"

#include <algorithm>
#include <exception>
#include <map>

namespace sspr::service {
namespace {

constexpr std::chrono::milliseconds kPause{1'000};
constexpr std::size_t kMostOfOneUser = 8;
constexpr char kWaitingEvent[] = "event: waiting\ndata: {}\n\n";

}  // namespace

class EventHub::Stream final : public EventStream {
 public:
  explicit Stream(std::string user_id) : user_id_(std::move(user_id)) {}

  std::optional<std::string> Take() override {
    const std::lock_guard lock(mutex_);
    if (over_) return std::nullopt;
    if (!changed_) return std::string();
    changed_ = false;
    return kWaitingEvent;
  }
  void Put(std::string requests) {
    const std::lock_guard lock(mutex_);
    changed_ = changed_ || requests != requests_;
    requests_ = std::move(requests);
  }
  void End() {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  const std::string& user_id() const { return user_id_; }

 private:
  const std::string user_id_;
  std::mutex mutex_;
  std::string requests_;
  bool changed_ = true;
  bool over_ = false;
};

EventHub::EventHub(ApprovalTable& table, const Clock& clock, Log log)
    : table_(table), clock_(clock), log_(std::move(log)), worker_([this] { Work(); }) {}

EventHub::~EventHub() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& one : streams_) {
      if (const auto stream = one.lock()) stream->End();
    }
  }
  wake_.notify_all();
  worker_.join();
}

std::shared_ptr<EventStream> EventHub::Open(const std::string& user_id) {
  auto stream = std::make_shared<Stream>(user_id);
  const std::lock_guard lock(mutex_);
  std::erase_if(streams_, [](const auto& one) { return one.expired(); });
  const auto of_user = std::ranges::count_if(streams_, [&user_id](const auto& one) {
    const auto other = one.lock();
    return other != nullptr && other->user_id() == user_id;
  });
  if (static_cast<std::size_t>(of_user) >= kMostOfOneUser) return nullptr;
  streams_.push_back(stream);
  wake_.notify_all();
  return stream;
}

void EventHub::Work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::erase_if(streams_, [](const auto& one) { return one.expired(); });
    if (streams_.empty()) {
      wake_.wait(lock, [this] { return stopping_ || !streams_.empty(); });
      continue;
    }
    lock.unlock();
    try {
      Look();
    } catch (const std::exception& error) {
      log_(std::string("pages of phones are not told: ") + error.what());
    }
    lock.lock();
    wake_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

void EventHub::Look() {
  std::map<std::string, std::string> asked;
  for (const auto& [user, request] : table_.ListAsked(clock_.Now())) {
    asked[user].append(request).append(" ");
  }
  const std::lock_guard lock(mutex_);
  for (const auto& one : streams_) {
    const auto stream = one.lock();
    if (stream == nullptr) continue;
    const auto found = asked.find(stream->user_id());
    stream->Put(found == asked.end() ? std::string() : found->second);
  }
}

}  // namespace sspr::service
