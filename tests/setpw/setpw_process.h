// SPDX-License-Identifier: Apache-2.0
// The real sspr-setpw with the test in the place of sspr-flow.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/frame.h"
#include "common/permit/fixed_bytes.h"

namespace sspr::test {

// What came back: the frame's type and its payload.
struct Reply {
  FrameType type;
  std::string payload;
};

class SetpwProcess {
 public:
  // Connected to a socket whose other end belongs to peer_uid. `wrapper` is put before the program:
  // a tracer, for instance.
  explicit SetpwProcess(uid_t peer_uid = 0, const std::vector<std::string>& wrapper = {});
  // Over a socket that somebody else connected to the program; pid ends with this, and is killed.
  SetpwProcess(pid_t pid, int connected) : pid_(pid), socket_(connected) {}
  SetpwProcess(const SetpwProcess&) = delete;
  SetpwProcess& operator=(const SetpwProcess&) = delete;
  ~SetpwProcess();

  // False when the program is gone.
  bool SendBytes(std::string_view bytes);
  bool Send(FrameType type, std::string_view payload);
  // Nothing at the end of the stream. Throws when the program is silent for half a minute.
  std::optional<Reply> Receive();
  std::optional<Reply> Ask(FrameType type, std::string_view payload);

  std::optional<Reply> Prepare(std::string_view account);
  std::optional<Reply> Propose(const TransactionId& transaction, std::string_view password);
  std::optional<Reply> Resolve(const TransactionId& transaction, std::uint8_t verdict,
                               std::string_view permit = {});

  void CloseSending();
  pid_t pid() const { return pid_; }
  // Waits for the end: the exit status, or 128 and the signal.
  int Wait();

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
  FrameDecoder decoder_;
  std::string unread_;
};

// Runs the program with arguments to its end. The result is the exit status; out is its output.
int RunSetpw(const std::vector<std::string>& arguments, std::string* out,
             const std::vector<std::string>& wrapper = {});

}  // namespace sspr::test
