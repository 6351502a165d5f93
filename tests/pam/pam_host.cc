// SPDX-License-Identifier: Apache-2.0
#include "tests/pam/pam_host.h"

#include <grp.h>
#include <poll.h>
#include <security/pam_modules.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace sspr::test {
namespace {

constexpr uid_t kNobody = 65534;
namespace fs = std::filesystem;

}  // namespace

Scratch::Scratch() {
  std::string name = fs::temp_directory_path() / "sspr-pam-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
  path_ = name;
  fs::copy_file(PAM_SSPR_PATH, Module());
  fs::copy_file(PAM_EXPECT_PATH, Expect());
  chmod(Module().c_str(), 0755);
  chmod(Expect().c_str(), 0755);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Scratch::WriteService(const std::string& name, const std::string& lines) const {
  std::ofstream(path_ + "/" + name) << lines;
}

void DropPrivileges(const Scratch& scratch) {
  if (geteuid() != 0) return;
  for (const auto& entry : fs::recursive_directory_iterator(scratch.path())) {
    if (chown(entry.path().c_str(), kNobody, kNobody) != 0) throw std::runtime_error("chown");
  }
  if (chown(scratch.path().c_str(), kNobody, kNobody) != 0 || setgroups(0, nullptr) != 0 ||
      setresgid(kNobody, kNobody, kNobody) != 0 || setresuid(kNobody, kNobody, kNobody) != 0) {
    throw std::runtime_error("cannot drop root");
  }
}

pam_conv Script::Conv() { return {&Script::Answer, this}; }

int Script::Answer(int count, const pam_message** messages, pam_response** responses, void* self) {
  Script& script = *static_cast<Script*>(self);
  EXPECT_EQ(count, 1);
  const pam_message& message = *messages[0];
  const bool binary = message.msg_style == PAM_BINARY_PROMPT;
  const std::string said = binary ? "a binary prompt" : message.msg;
  if (script.next_ >= script.lines_.size()) {
    ADD_FAILURE() << "unexpected: style " << message.msg_style << " '" << said << "'";
    return PAM_CONV_ERR;
  }
  const Line& line = script.lines_[script.next_++];
  EXPECT_EQ(message.msg_style, line.style) << said;
  EXPECT_TRUE(binary || said.find(line.contains) != std::string::npos)
      << "said '" << said << "', expected '" << line.contains << "'";
  if (line.whole) {
    EXPECT_EQ(said, line.contains);
  }
  if (line.meanwhile) line.meanwhile(script.pam_);
  *responses = nullptr;
  switch (line.reply.kind) {
    case Reply::Kind::kError:
      return PAM_CONV_ERR;
    case Reply::Kind::kAbort:
      return PAM_ABORT;
    case Reply::Kind::kNoResponse:
      return PAM_SUCCESS;
    case Reply::Kind::kNull:
      *responses = static_cast<pam_response*>(calloc(1, sizeof(pam_response)));
      return PAM_SUCCESS;
    case Reply::Kind::kAnswer:
      break;
  }
  *responses = static_cast<pam_response*>(calloc(1, sizeof(pam_response)));
  const bool asks = line.style == PAM_PROMPT_ECHO_OFF || line.style == PAM_PROMPT_ECHO_ON;
  if (asks) (*responses)->resp = strdup(line.reply.text.c_str());
  if (binary && line.extended) (*responses)->resp = line.extended(message.msg);
  return PAM_SUCCESS;
}

Peer::~Peer() { close(fd_); }

bool Peer::Fill() {
  char bytes[2048];
  const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  pending_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string Peer::Expect(FrameType type) {
  for (;;) {
    std::span<const char> input(pending_);
    Frame frame;
    const auto state = decoder_.Feed(input, frame);
    pending_.erase(0, pending_.size() - input.size());
    if (state == FrameDecoder::State::kFrame) {
      EXPECT_EQ(static_cast<int>(frame.type), static_cast<int>(type));
      return std::string(frame.payload.Reveal());
    }
    if (state == FrameDecoder::State::kBroken || !Fill()) {
      ADD_FAILURE() << "the host sent no frame of type " << static_cast<int>(type);
      return {};
    }
  }
}

bool Peer::AtEnd() { return pending_.empty() && decoder_.AtBoundary() && !Fill(); }

void Peer::Drain() {
  while (Fill()) pending_.clear();
}

void Peer::SendRaw(std::string_view bytes) { send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

void Peer::Send(FrameType type, std::string_view payload) {
  FrameWriter writer(type);
  writer.PutBytes(payload);
  SendRaw(writer.Encoded());
}

void Peer::SendDone(Outcome outcome, std::uint16_t index, std::string_view text) {
  FrameWriter writer(FrameType::kDone);
  writer.PutU8(static_cast<std::uint8_t>(outcome));
  writer.PutU16(index);
  writer.PutString(text);
  SendRaw(writer.Encoded());
}

void Peer::SendChoose(std::string_view text, const std::vector<std::string>& labels) {
  FrameWriter writer(FrameType::kChoose);
  writer.PutString(text);
  writer.PutU8(static_cast<std::uint8_t>(labels.size()));
  for (const std::string& label : labels) writer.PutString(label);
  SendRaw(writer.Encoded());
}

std::string Peer::Ask(FrameType type, std::string_view prompt, int index) {
  Send(type, prompt);
  const std::string answer = Expect(FrameType::kAnswer);
  FieldReader fields(answer);
  EXPECT_EQ(fields.U16(), index);
  return std::string(fields.Rest());
}

FlowPeer::FlowPeer(const Scratch& scratch, Play play) : path_(scratch.Socket()) {
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  unlink(path_.c_str());
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 8) != 0 || pipe(stop_) != 0) {
    throw std::runtime_error("no listener");
  }
  thread_ = std::thread([this, play = std::move(play)] {
    for (;;) {
      pollfd waits[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
      poll(waits, 2, -1);
      if ((waits[0].revents & POLLIN) == 0) return;
      Peer peer(accept(listener_, nullptr, nullptr));
      ++connections_;
      play(peer);
    }
  });
}

FlowPeer::~FlowPeer() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
  unlink(path_.c_str());
}

int Authenticate(const Scratch& scratch, const std::string& service, const std::string& user,
                 Script script, int flags, const std::map<int, std::string>& items) {
  const pam_conv conv = script.Conv();
  pam_handle_t* pam = nullptr;
  const int started =
      pam_start_confdir(service.c_str(), user.c_str(), &conv, scratch.path().c_str(), &pam);
  EXPECT_EQ(started, PAM_SUCCESS);
  if (started != PAM_SUCCESS) return started;
  script.Play(pam);
  for (const auto& [type, value] : items) pam_set_item(pam, type, value.c_str());
  const int result = pam_authenticate(pam, flags);
  pam_end(pam, result);
  return result;
}

}  // namespace sspr::test
