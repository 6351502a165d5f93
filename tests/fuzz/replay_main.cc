// SPDX-License-Identifier: Apache-2.0
// Plays each file of the folders that are named through a fuzzer once, in every build: what was
// found stays found. No libFuzzer needed.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Play(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  Play({});
  for (const auto& file : files) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);
    const std::string bytes = ReadAll(file);
    Play(bytes);
    // Cut short and with one byte changed, a good file is a hostile one.
    for (std::size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 20) {
      Play(bytes.substr(0, i));
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 0x81);
      Play(changed);
    }
  }
  if (files.empty()) std::fprintf(stderr, "no corpus\n");
  return files.empty() ? 1 : 0;
}
