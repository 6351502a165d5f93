// SPDX-License-Identifier: Apache-2.0
#include "service/graph/graph_pool.h"

#include <algorithm>
#include <thread>

namespace sspr::service {
namespace {

constexpr int kTooMany = 429;
constexpr int kServerFault = 500;
constexpr int kUnavailable = 503;

}  // namespace

// One of the places, with a connection that was kept or none yet.
class GraphPool::Lease {
 public:
  explicit Lease(GraphPool& pool) : pool_(pool) {
    std::unique_lock lock(pool_.mutex_);
    is_taken_ = pool_.freed_.wait_for(lock, pool_.patience_,
                                      [this] { return pool_.out_ < pool_.connections_; });
    if (!is_taken_) return;
    ++pool_.out_;
    if (pool_.idle_.empty()) return;
    session_ = std::move(pool_.idle_.back());
    pool_.idle_.pop_back();
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (!is_taken_) return;
    {
      const std::lock_guard lock(pool_.mutex_);
      --pool_.out_;
      if (session_) pool_.idle_.push_back(std::move(session_));
    }
    pool_.freed_.notify_one();
  }
  bool is_taken() const { return is_taken_; }
  std::unique_ptr<GraphSession>& session() { return session_; }

 private:
  GraphPool& pool_;
  bool is_taken_ = false;
  std::unique_ptr<GraphSession> session_;
};

HttpLimits GraphPool::Limits() const { return {.connect = patience_, .request = patience_}; }

Result<std::unique_ptr<GraphPool>> GraphPool::Make(const GraphSettings& settings,
                                                   unsigned connections,
                                                   std::chrono::milliseconds patience,
                                                   const Clock& clock) {
  auto made = std::unique_ptr<GraphPool>(new GraphPool(settings, connections, patience, clock));
  auto tokens = GraphTokens::Make(settings, made->Limits(), clock);
  if (!tokens.ok()) return tokens.error();
  made->tokens_ = std::move(*tokens);
  return made;
}

Result<HttpResponse> GraphPool::SendOnce(HttpRequest::Method method, const std::string& path,
                                         const SecretBody* json) {
  Lease lease(*this);
  if (!lease.is_taken()) {
    return Error{Errc::kTimedOut, "all connections to Microsoft Graph are in use"};
  }
  if (!lease.session()) {
    auto made = GraphSession::Make(settings_, Limits(), tokens_);
    if (!made.ok()) return made.error();
    lease.session() = std::move(*made);
  }
  return lease.session()->Send(method, path, json);
}

Result<GraphPool::Answer> GraphPool::Ask(HttpRequest::Method method, const std::string& path,
                                         const SecretBody* json) {
  const auto deadline = clock_.Monotonic() + patience_;
  bool was_in_doubt = false;
  for (;;) {
    Result<HttpResponse> reply = SendOnce(method, path, json);
    if (!reply.ok()) return reply.error();
    const std::chrono::seconds pause(std::max(1, reply->retry_after));
    const bool is_throttled = reply->status == kTooMany || reply->status == kUnavailable;
    if (!is_throttled || clock_.Monotonic() + pause > deadline) {
      return Answer{.http = std::move(*reply), .was_in_doubt = was_in_doubt};
    }
    was_in_doubt = was_in_doubt || reply->status >= kServerFault;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace sspr::service
