// SPDX-License-Identifier: Apache-2.0
// main() of the tests that need a machine of their own. Exit status 77 tells CTest that they were
// skipped.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>

#include "tests/setpw/scratch_machine.h"

namespace sspr::test {
extern ScratchMachine* the_machine;
ScratchMachine* the_machine = nullptr;
}  // namespace sspr::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (::testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  if (geteuid() != 0) {
    std::puts("SKIPPED: a private mount namespace needs root; run the tests as root");
    return 77;
  }
  try {
    const auto machine = std::make_unique<sspr::test::ScratchMachine>();
    sspr::test::the_machine = machine.get();
    return RUN_ALL_TESTS();
  } catch (const std::exception& fault) {
    std::printf("SKIPPED: %s\n", fault.what());
    return 77;
  }
}
