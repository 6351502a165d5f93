// SPDX-License-Identifier: Apache-2.0
// A PAM host for tests: a scratch folder with service files and the modules, a conversation played
// from a script, and a peer that plays sspr-flow on a real unix socket. Runs without privilege.
#pragma once

#include <gtest/gtest.h>
#include <security/pam_appl.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/frame.h"

namespace sspr::test {

// Where the modules and service files are, prepared before privileges are dropped.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  const std::string& path() const { return path_; }
  std::string Module() const { return path_ + "/pam_sspr.so"; }
  std::string Expect() const { return path_ + "/pam_expect.so"; }
  std::string Socket() const { return path_ + "/flow.sock"; }
  void WriteService(const std::string& name, const std::string& lines) const;

 private:
  std::string path_;
};

// Drops root for good, when the test was started as root.
void DropPrivileges(const Scratch& scratch);

struct Reply {
  enum class Kind { kAnswer, kNull, kError, kAbort, kNoResponse };
  Kind kind = Kind::kAnswer;
  std::string text = {};
};

// One thing that the module is expected to say, and what the person does.
struct Line {
  int style;
  std::string contains;
  Reply reply = {};
  // What the host does while this is on the screen.
  std::function<void(pam_handle_t*)> meanwhile = {};
  bool whole = false;  // it says this and nothing else
  // For PAM_BINARY_PROMPT: what the host answers to what the message points to.
  std::function<char*(const void*)> extended = {};
};

inline Line Hidden(std::string prompt, std::string answer) {
  return {PAM_PROMPT_ECHO_OFF, std::move(prompt), {Reply::Kind::kAnswer, std::move(answer)}};
}
inline Line Visible(std::string prompt, std::string answer) {
  return {PAM_PROMPT_ECHO_ON, std::move(prompt), {Reply::Kind::kAnswer, std::move(answer)}};
}
inline Line Info(std::string text) { return {PAM_TEXT_INFO, std::move(text)}; }
inline Line Fault(std::string text) { return {PAM_ERROR_MSG, std::move(text)}; }

// Plays lines in order; anything unexpected fails the test and ends the conversation.
class Script {
 public:
  explicit Script(std::vector<Line> lines) : lines_(std::move(lines)) {}
  ~Script() { EXPECT_EQ(next_, lines_.size()) << "the conversation ended early"; }
  pam_conv Conv();
  // The transaction that lines may meddle with.
  void Play(pam_handle_t* pam) { pam_ = pam; }

 private:
  static int Answer(int count, const pam_message** messages, pam_response** responses, void* self);
  std::vector<Line> lines_;
  pam_handle_t* pam_ = nullptr;
  std::size_t next_ = 0;
};

// sspr-flow's side of one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // The payload of the next frame, which must have this type; empty (and a test failure) otherwise.
  std::string Expect(FrameType type);
  // True when the host closed without another frame.
  bool AtEnd();
  // Reads and forgets until the host closes.
  void Drain();
  void Send(FrameType type, std::string_view payload);
  void SendDone(Outcome outcome, std::uint16_t index, std::string_view text = "");
  void SendChoose(std::string_view text, const std::vector<std::string>& labels);
  void SendRaw(std::string_view bytes);
  // Asks and returns the answer, whose index must be the given one.
  std::string Ask(FrameType type, std::string_view prompt, int index);

 private:
  bool Fill();
  int fd_;
  FrameDecoder decoder_;
  std::string pending_;
};

// Listens at the socket of the scratch folder and plays one connection per entry.
class FlowPeer {
 public:
  using Play = std::function<void(Peer&)>;
  FlowPeer(const Scratch& scratch, Play play);
  ~FlowPeer();
  int connections() const { return connections_; }

 private:
  std::string path_;
  int listener_;
  int stop_[2];
  int connections_ = 0;
  std::thread thread_;
};

// One pam_start_confdir, pam_authenticate, pam_end. Returns what pam_authenticate returned; which
// token the stack was left with shows in what pam_expect behind us makes of it.
int Authenticate(const Scratch& scratch, const std::string& service, const std::string& user,
                 Script script, int flags = 0, const std::map<int, std::string>& items = {});

}  // namespace sspr::test
