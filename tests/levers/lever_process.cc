// SPDX-License-Identifier: Apache-2.0
#include "tests/levers/lever_process.h"

#include <fcntl.h>
#include <json/reader.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace sspr {
namespace {

// The one that sees Debian's modules (aiosmtpd), whatever else is in PATH.
constexpr char kPython[] = "/usr/bin/python3";

[[noreturn]] void Give(const std::string& why) {
  std::cerr << "lever_process: " << why << '\n';
  std::abort();
}

}  // namespace

LeverProcess::LeverProcess(const std::vector<std::string>& arguments) {
  std::array<int, 2> input{}, output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    Give("no pipes");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  std::vector<std::string> words = {kPython};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int failed = ::posix_spawn(&child_, kPython, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  to_ = ::fdopen(input[1], "w");
  from_ = ::fdopen(output[0], "r");
  if (failed != 0 || to_ == nullptr || from_ == nullptr) Give("cannot start Python");
  for (std::string line = ReadLine(); line != "ready"; line = ReadLine()) {
    const std::size_t blank = line.find(' ');
    if (blank != std::string::npos) values_[line.substr(0, blank)] = line.substr(blank + 1);
  }
}

LeverProcess::~LeverProcess() {
  std::fclose(to_);
  std::fclose(from_);
  ::waitpid(child_, nullptr, 0);
}

const std::string& LeverProcess::Value(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) Give("no such name: " + name);
  return found->second;
}

Json::Value LeverProcess::Ask(const std::string& command) {
  std::fputs((command + "\n").c_str(), to_);
  std::fflush(to_);
  const std::string line = ReadLine();
  Json::Value answer;
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  if (!reader->parse(line.data(), line.data() + line.size(), &answer, nullptr)) {
    Give("not JSON: " + line);
  }
  return answer;
}

std::string LeverProcess::ReadLine() {
  char* line = nullptr;
  std::size_t size = 0;
  const ssize_t count = ::getline(&line, &size, from_);
  const std::unique_ptr<char, void (*)(void*)> owner(line, std::free);
  if (count <= 0) Give("the service ended");
  return {line, static_cast<std::size_t>(count - 1)};
}

}  // namespace sspr
