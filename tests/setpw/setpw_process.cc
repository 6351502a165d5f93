// SPDX-License-Identifier: Apache-2.0
#include "tests/setpw/setpw_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace sspr::test {
namespace {

constexpr int kSilenceLimitMilliseconds = 30'000;

void Check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + strerror(errno));
}

std::vector<std::string> CommandLine(const std::vector<std::string>& wrapper,
                                     const std::vector<std::string>& arguments) {
  std::vector<std::string> words = wrapper;
  words.emplace_back(SSPR_SETPW_PROGRAM);
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

[[noreturn]] void Become(std::vector<std::string> words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

int StatusOf(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) Check(errno == EINTR, "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

SetpwProcess::SetpwProcess(uid_t peer_uid, const std::vector<std::string>& wrapper) {
  int ends[2];
  // Both ends carry the credentials of their maker.
  Check(seteuid(peer_uid) == 0, "seteuid");
  const bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
  Check(seteuid(0) == 0 && made, "socketpair");
  const auto words = CommandLine(wrapper, {});
  pid_ = fork();
  Check(pid_ >= 0, "fork");
  if (pid_ == 0) {
    dup2(ends[1], 0);
    dup2(ends[1], 1);
    Become(words);
  }
  close(ends[1]);
  socket_ = ends[0];
}

SetpwProcess::~SetpwProcess() {
  if (socket_ >= 0) close(socket_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

bool SetpwProcess::SendBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool SetpwProcess::Send(FrameType type, std::string_view payload) {
  FrameWriter frame(type);
  frame.PutBytes(payload);
  return SendBytes(frame.Encoded());
}

std::optional<Reply> SetpwProcess::Receive() {
  Frame frame;
  while (true) {
    std::span<const char> input(unread_);
    const auto state = decoder_.Feed(input, frame);
    unread_.erase(0, unread_.size() - input.size());
    if (state == FrameDecoder::State::kFrame) {
      return Reply{frame.type, std::string(frame.payload.Reveal())};
    }
    if (state == FrameDecoder::State::kBroken) throw std::runtime_error("no frame");
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, kSilenceLimitMilliseconds) == 0) throw std::runtime_error("silence");
    char piece[1024];
    const ssize_t got = recv(socket_, piece, sizeof piece, 0);
    if (got <= 0) return std::nullopt;
    unread_.append(piece, static_cast<std::size_t>(got));
  }
}

std::optional<Reply> SetpwProcess::Ask(FrameType type, std::string_view payload) {
  if (!Send(type, payload)) return std::nullopt;
  return Receive();
}

std::optional<Reply> SetpwProcess::Prepare(std::string_view account) {
  const char length[] = {static_cast<char>(account.size() >> 8),
                         static_cast<char>(account.size() & 0xFF)};
  return Ask(FrameType::kPrepare, std::string(length, 2).append(account));
}

std::optional<Reply> SetpwProcess::Propose(const TransactionId& transaction,
                                           std::string_view password) {
  return Ask(FrameType::kPropose, std::string(View(transaction)).append(password));
}

std::optional<Reply> SetpwProcess::Resolve(const TransactionId& transaction, std::uint8_t verdict,
                                           std::string_view permit) {
  return Ask(FrameType::kResolve,
             std::string(View(transaction)) + static_cast<char>(verdict) + std::string(permit));
}

void SetpwProcess::CloseSending() { shutdown(socket_, SHUT_WR); }

int SetpwProcess::Wait() {
  const int status = StatusOf(pid_);
  pid_ = -1;
  return status;
}

int RunSetpw(const std::vector<std::string>& arguments, std::string* out,
             const std::vector<std::string>& wrapper) {
  int ends[2];
  Check(pipe2(ends, O_CLOEXEC) == 0, "pipe");
  const auto words = CommandLine(wrapper, arguments);
  const pid_t pid = fork();
  Check(pid >= 0, "fork");
  if (pid == 0) {
    dup2(ends[1], 1);
    Become(words);
  }
  close(ends[1]);
  std::string text;
  char piece[1024];
  ssize_t got = 0;
  while ((got = read(ends[0], piece, sizeof piece)) > 0) {
    text.append(piece, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  if (out != nullptr) *out = text;
  return StatusOf(pid);
}

}  // namespace sspr::test
