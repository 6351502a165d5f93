// SPDX-License-Identifier: Apache-2.0
// A machine for sspr-setpw inside a private mount namespace: scratch /etc, /run, /var/lib and /dev,
// so that the real program runs with its real paths and the real machine is never touched. All of
// it ends with the test process.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/permit/permit.h"
#include "common/permit/permit_keys.h"

namespace sspr::test {

inline constexpr char kOldPassword[] = "Winter-garden-17";
inline constexpr char kNewPassword[] = "copper lantern drifts 42";
inline constexpr uid_t kAliceUid = 1000;
inline constexpr uid_t kFlowUid = 990;

class ScratchMachine {
 public:
  // Enters the namespace, once for the process; needs root. Throws std::runtime_error.
  ScratchMachine();

  // Fresh account files, configuration, enrolment and state.
  void Reset();

  const SigningKey& PermitKey() const { return key_; }
  DeviceId Device() const { return device_; }
  // Good for `nonce` and `commitment` for ten minutes from now.
  Permit PermitFor(std::string_view account, const Nonce& nonce, const Commitment& commitment,
                   const TransactionId& transaction) const;
  std::string Signed(const Permit& permit) const;

  // The hash of an account in /etc/shadow.
  static std::string HashOf(std::string_view account);
  static bool Accepts(std::string_view account, const char* password);
  // Empty when /etc holds the accounts of Reset but for alice's hash and day, and nothing is left
  // of an interrupted change; else what is wrong.
  std::string WhatIsDamaged() const;
  // Names in the journal folder.
  static std::vector<std::string> JournalFiles();

  // As a disk that failed is mounted.
  void MakeEtcReadOnly(bool read_only);

  // Everything sent to /dev/log since the last call by processes that have ended or answered.
  std::string TakeLog();

 private:
  void WriteAccounts();
  void WriteEnrolment();

  SigningKey key_;
  DeviceId device_{};
  // A logger that does not read would hold up whoever logs.
  void ReadLog(const std::stop_token& stop);
  void DrainLog();

  int log_ = -1;
  std::mutex log_mutex_;
  std::string log_text_;
  std::string shadow_;
  std::jthread log_reader_;
};

void WriteFile(const std::string& path, std::string_view text, unsigned mode = 0644);
std::string ReadFile(const std::string& path);

}  // namespace sspr::test
