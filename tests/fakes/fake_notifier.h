// SPDX-License-Identifier: Apache-2.0
// Notifier that keeps what it is given, and fails when it is told to. Holds itself to the rules of
// the real one (tests/contract/notifier). Safe from several threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/delivery/mail_message.h"
#include "service/delivery/notifier.h"

namespace sspr::service {

class FakeNotifier final : public Notifier {
 public:
  struct Mail {
    std::string to, subject, text;
  };

  // The next calls of Send with a fit message end so, one after the other; then they succeed.
  void FailNext(Errc code, int times = 1) {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < times; ++i) failures_.push_back(code);
  }

  Status Send(const Message& message) override {
    if (Status fit = CheckMessage(message); !fit.ok()) return fit;
    const std::lock_guard lock(mutex_);
    ++tries_;
    if (!failures_.empty()) {
      const Errc code = failures_.front();
      failures_.pop_front();
      return Error{code, "scripted"};
    }
    mails_.push_back({message.to, message.subject, std::string(message.text.Reveal())});
    arrived_.notify_all();
    return Ok();
  }

  std::vector<Mail> mails() const {
    const std::lock_guard lock(mutex_);
    return mails_;
  }
  int tries() const {
    const std::lock_guard lock(mutex_);
    return tries_;
  }
  // False when fewer than count mails came within ten seconds.
  bool WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return mails_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Errc> failures_;
  std::vector<Mail> mails_;
  int tries_ = 0;
};

}  // namespace sspr::service
