// SPDX-License-Identifier: Apache-2.0
// Telling the programs that sign the accounts of a directory in that the directory is there again:
// SSSD and winbind go offline when they miss it, and then look again rarely. Linux 5.3 or later.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sspr::online {

// What came of it. kNotThere: no such program runs, which is no fault.
enum class Told { kNotThere, kTold, kFailed };

struct Answer {
  Told told = Told::kNotThere;
  std::string why;  // with kFailed
};

// Sends the signal to the process that the pid file names, if it is called name (as
// /proc/PID/comm has it); signal 0 only looks. A pid that was given to another program since is
// left alone: kNotThere.
Answer SignalDaemon(const std::string& pid_file, const std::string& name, int signal);

// Runs a program (argv[0] is its path) without a shell, with an empty environment and no streams.
// kNotThere when there is no such file; kFailed when it says so by its exit code, or is not done in
// time: then it is killed.
Answer RunProgram(const std::vector<std::string>& argv, std::chrono::milliseconds limit);

}  // namespace sspr::online
