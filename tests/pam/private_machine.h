// SPDX-License-Identifier: Apache-2.0
// Accounts and a system log of the test's own: this process moves into a mount namespace where
// /etc/passwd, /etc/shadow, /etc/nsswitch.conf and /dev are scratch. The machine's are not touched.
#pragma once

#include <mutex>
#include <string>
#include <thread>

namespace sspr::test {

class PrivateMachine {
 public:
  // folder: an existing scratch folder. Throws std::runtime_error when this process may not.
  explicit PrivateMachine(const std::string& folder);
  ~PrivateMachine();
  PrivateMachine(const PrivateMachine&) = delete;
  PrivateMachine& operator=(const PrivateMachine&) = delete;

  // alice with this password; beside her root and the accounts that nobody may enter: locked
  // ("!"), star ("*") and blank (no password).
  void SetPassword(const std::string& password) const;

  // What this process has logged since the last call, one message per line.
  std::string TakeLog();

 private:
  void ReadLog();

  std::string folder_;
  int log_ = -1;
  int stop_[2] = {-1, -1};
  std::mutex mutex_;  // of said_ and of reading log_
  std::string said_;
  std::thread reader_;  // syslog() blocks when nobody reads
};

}  // namespace sspr::test
