// SPDX-License-Identifier: Apache-2.0
#include "writeback/lanes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>

#include "common/protocol/base64url.h"
#include "service/crypto/random.h"
#include "writeback/agent_log.h"

namespace sspr {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{10'000};
constexpr milliseconds kRefusedPause{15'000};
constexpr std::size_t kSessionBytes = 16;

}  // namespace

Result<std::unique_ptr<Lanes>> Lanes::Start(const AgentConfig& config, const AgentState& state,
                                            JobWorker& worker, const Clock& clock) {
  auto made = std::unique_ptr<Lanes>(new Lanes(worker));
  std::array<unsigned char, kSessionBytes> session{};
  service::SystemRandom().Fill(session);
  made->session_ = Hex(session);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Error{Errc::kInternal, "no descriptors"};
  made->watched_ = ends[0];
  made->hang_up_ = ends[1];
  for (int lane = 0; lane < config.workers; ++lane) {
    Result<DeviceKey> key = state.LoadKey();
    if (!key.ok()) return key.error();
    auto link = AgentLink::Make(config, std::move(*key), clock, made->watched_);
    if (!link.ok()) return link.error();
    made->links_.push_back(std::move(*link));
  }
  for (int lane = 0; lane < config.workers; ++lane) {
    AgentLink& link = *made->links_[static_cast<std::size_t>(lane)];
    made->threads_.emplace_back([lanes = made.get(), &link, lane] { lanes->Serve(link, lane); });
  }
  return made;
}

Lanes::~Lanes() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (hang_up_ >= 0) close(hang_up_);
  for (std::thread& thread : threads_) thread.join();
  if (watched_ >= 0) close(watched_);
}

bool Lanes::Pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

milliseconds Lanes::Judge(const Error& error, int failures) {
  const bool is_refused = error.code == Errc::kDenied;
  const std::string text = is_refused ? "the service refused this agent: " + error.detail
                                      : "the service is not reached: " + error.detail;
  const std::lock_guard lock(mutex_);
  if (stopping_) return kFirstPause;
  if (said_ != text) {
    said_ = text;
    NoteAgent(is_refused ? AgentLogId::kRefused : AgentLogId::kNotReached, text);
  }
  if (is_refused) return kRefusedPause;
  return std::min(kLongestPause, kFirstPause * (1 << std::min(failures, 6)));
}

void Lanes::NoteConnected() {
  const std::lock_guard lock(mutex_);
  if (was_reached_ && said_.empty()) return;
  was_reached_ = true;
  said_.clear();
  NoteAgent(AgentLogId::kConnected, "connected to the service");
}

void Lanes::Serve(AgentLink& link, int lane) {
  std::optional<service::WritebackAnswer> answer;
  int failures = 0;
  while (true) {
    try {
      auto job = link.Exchange(session_, lane, answer);
      if (!job.ok()) {
        // One that is too large for a request is not sent again and again.
        if (answer && job.error().code == Errc::kInternal) {
          answer = service::WritebackAnswer{
              .job_id = answer->job_id,
              .kind = service::AnswerKind::kUnavailable,
              .detail = "the answer does not fit: the person is in too many groups"};
        }
        if (!Pause(Judge(job.error(), failures++))) return;
        continue;
      }
      failures = 0;
      NoteConnected();
      answer.reset();
      if (*job) answer = worker_.Do(**job);
    } catch (const std::exception& error) {
      NoteAgent(AgentLogId::kMachineFault, error.what());
      if (!Pause(kLongestPause)) return;
    }
    if (!Pause(milliseconds(0))) return;
  }
}

}  // namespace sspr
