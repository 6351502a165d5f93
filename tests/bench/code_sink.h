// SPDX-License-Identifier: Apache-2.0
// A mail server that reads the codes out of the mails as they come, so that a load does not wait
// for a mailbox.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sspr::bench {

class CodeSink {
 public:
  // Listens on a loopback port that the kernel chooses. Throws.
  CodeSink();
  CodeSink(const CodeSink&) = delete;
  CodeSink& operator=(const CodeSink&) = delete;
  ~CodeSink();

  int port() const { return port_; }
  int mails() const { return mails_; }
  // Waits for the code that was sent to this address, and takes it; nothing within 30 s.
  std::optional<std::string> Take(const std::string& address);

 private:
  void Accept();
  void Serve(int connection);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> mails_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::string, std::string> codes_;
  std::thread acceptor_;
};

}  // namespace sspr::bench
