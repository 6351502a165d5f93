// SPDX-License-Identifier: Apache-2.0
// Stands in for sspr-flow.exe: speaks real frames as the file sspr-flow.script beside it says, and
// writes what it got into sspr-flow.log. One word and its argument a line:
//
//   begin                  read the Begin frame          answer               read one frame
//   info|error|wait|ask-visible|ask-hidden TEXT           choose TEXT|LABEL|LABEL...
//   done OUTCOME INDEX TEXT                               raw HEX
//   signal HANDLE          try to set an event of the login screen's
//   setpw HEX              say that to sspr-setpw, and write the type of its answer into the log
//   hang                   stay, silent, until we are ended
//
// At the end of the script it leaves.
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "common/base/frame.h"

namespace {

std::string Folder() {
  char path[MAX_PATH] = {};
  GetModuleFileNameA(nullptr, path, sizeof path);
  const std::string whole = path;
  return whole.substr(0, whole.find_last_of('\\') + 1);
}

class Script {
 public:
  Script() : log_(Folder() + "sspr-flow.log", std::ios::app) {
    log_ << "pid " << GetCurrentProcessId() << std::endl;
    wchar_t* block = GetEnvironmentStringsW();
    for (const wchar_t* entry = block; *entry != 0; entry += wcslen(entry) + 1) ++environment_;
    FreeEnvironmentStringsW(block);
  }

  void Play(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = line.size() > word.size() ? line.substr(word.size() + 1) : "";
    if (word == "begin" || word == "answer") {
      Read();
    } else if (word == "choose") {
      Choose(rest);
    } else if (word == "done") {
      Done(rest);
    } else if (word == "raw") {
      Raw(rest);
    } else if (word == "setpw") {
      AskSetpw(rest);
    } else if (word == "signal") {
      SetEvent(reinterpret_cast<HANDLE>(std::strtoull(rest.c_str(), nullptr, 10)));
    } else if (word == "hang") {
      Sleep(INFINITE);
    } else {
      Say(word, rest);
    }
  }

 private:
  void Write(std::string_view bytes) {
    DWORD sent = 0;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes.data(), static_cast<DWORD>(bytes.size()),
              &sent, nullptr);
  }

  void Say(const std::string& word, const std::string& text) {
    sspr::FrameType type = sspr::FrameType::kInfo;
    if (word == "error") type = sspr::FrameType::kError;
    if (word == "wait") type = sspr::FrameType::kWait;
    if (word == "ask-visible") type = sspr::FrameType::kAskVisible;
    if (word == "ask-hidden") type = sspr::FrameType::kAskHidden;
    sspr::FrameWriter frame(type);
    frame.PutBytes(text);
    Write(frame.Encoded());
  }

  void Choose(const std::string& rest) {
    std::istringstream parts(rest);
    std::string text;
    std::string label;
    std::getline(parts, text, '|');
    std::string labels;
    std::uint8_t count = 0;
    sspr::FrameWriter frame(sspr::FrameType::kChoose);
    frame.PutString(text);
    sspr::FrameWriter all(sspr::FrameType::kInfo);
    while (std::getline(parts, label, '|')) {
      all.PutString(label);
      ++count;
    }
    frame.PutU8(count);
    frame.PutBytes(all.Encoded().substr(sspr::kFrameHeaderBytes));
    Write(frame.Encoded());
  }

  void Done(const std::string& rest) {
    std::istringstream parts(rest);
    int outcome = 0;
    unsigned index = 0;
    std::string text;
    parts >> outcome >> index;
    std::getline(parts >> std::ws, text);
    sspr::FrameWriter frame(sspr::FrameType::kDone);
    frame.PutU8(static_cast<std::uint8_t>(outcome));
    frame.PutU16(static_cast<std::uint16_t>(index));
    frame.PutString(text);
    Write(frame.Encoded());
  }

  static std::string Bytes(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes += static_cast<char>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16));
    }
    return bytes;
  }

  void Raw(const std::string& hex) { Write(Bytes(hex)); }

  void AskSetpw(const std::string& hex) {
    const HANDLE pipe = GetStdHandle(STD_ERROR_HANDLE);
    const std::string bytes = Bytes(hex);
    unsigned char answer[2048] = {};
    DWORD size = 0;
    if (pipe == nullptr ||
        !WriteFile(pipe, bytes.data(), static_cast<DWORD>(bytes.size()), &size, nullptr) ||
        !ReadFile(pipe, answer, sizeof answer, &size, nullptr) || size == 0) {
      log_ << "setpw none" << std::endl;
    } else {
      log_ << "setpw " << static_cast<int>(answer[0]) << std::endl;
    }
  }

  void Read() {
    sspr::Frame frame;
    for (;;) {
      char byte = 0;
      DWORD got = 0;
      if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &got, nullptr) || got == 0) {
        log_ << "end of file" << std::endl;
        std::exit(0);
      }
      std::span<const char> input(&byte, 1);
      const auto state = decoder_.Feed(input, frame);
      if (state == sspr::FrameDecoder::State::kBroken) std::exit(3);
      if (state == sspr::FrameDecoder::State::kFrame) break;
    }
    Log(frame);
  }

  void Log(const sspr::Frame& frame) {
    sspr::FieldReader fields(frame.payload.Reveal());
    if (frame.type == sspr::FrameType::kBegin) {
      const int version = fields.U8();
      const int capabilities = fields.U8();
      log_ << "begin " << version << ' ' << capabilities;
      for (int i = 0; i < 4; ++i) log_ << '|' << fields.String();
      log_ << "|environment " << environment_ << std::endl;
    } else if (frame.type == sspr::FrameType::kAnswer) {
      const unsigned index = fields.U16();
      log_ << "answer " << index << ' ' << fields.Rest() << std::endl;
    } else {
      log_ << "cancel" << std::endl;
      std::exit(0);
    }
  }

  std::ofstream log_;
  sspr::FrameDecoder decoder_;
  int environment_ = 0;
};

}  // namespace

int main() {
  std::ifstream lines(Folder() + "sspr-flow.script");
  Script script;
  std::string line;
  while (std::getline(lines, line)) script.Play(line);
  return 0;
}
