// SPDX-License-Identifier: Apache-2.0
// What a process may still do with files and TCP ports, whoever it runs as and whatever its code
// has become: Landlock, as far as the kernel has it. What a kernel does not know it does not
// refuse; user, seccomp filter and unit stand beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace sspr {

class Landlock {
 public:
  // Nothing is refused yet. Reading, writing, making and executing files is, and TCP, once
  // Enforce() has succeeded, but for what is allowed before. Free_reading: reading is left to the
  // file modes.
  enum class Reading { kListed, kFree };
  explicit Landlock(Reading reading) : reading_(reading) {}

  // Files beneath a folder, or one file. What is not there is passed over.
  void AllowReading(const std::string& path) { rules_.push_back({path, Right::kRead}); }
  // Changing what files hold; none can be made, renamed or removed.
  void AllowWriting(const std::string& path) { rules_.push_back({path, Right::kWrite}); }
  // Files can be made, renamed inside their folder and removed as well, and folders made.
  void AllowReplacing(const std::string& path) { rules_.push_back({path, Right::kReplace}); }
  // Connections to this port, on kernels from 6.7. Nothing can be bound to a port.
  void AllowTcp(std::uint16_t port) { ports_.push_back(port); }
  // Without a call, TCP is not looked at.
  void RestrictTcp() { restricts_tcp_ = true; }

  // For good, for this thread and what it starts; sets no_new_privs. True when the kernel has
  // Landlock, false when it has none or it is switched off.
  Result<bool> Enforce() const;

 private:
  enum class Right { kRead, kWrite, kReplace };
  struct Rule {
    std::string path;
    Right right;
  };
  std::uint64_t Allowed(Right right, bool is_folder, std::uint64_t handled) const;
  Status AddRules(int ruleset, std::uint64_t handled, bool tcp) const;

  Reading reading_;
  bool restricts_tcp_ = false;
  std::vector<Rule> rules_;
  std::vector<std::uint16_t> ports_;
};

}  // namespace sspr
