// SPDX-License-Identifier: Apache-2.0
// What the machine's own configuration says about passwords: the `password` lines of its PAM stack
// (Debian's common-password, else system-auth), pwquality.conf, pwhistory.conf and login.defs. A
// password set by us obeys the same rules as one that passwd(1) sets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace sspr::setpw {

struct HashMethod {
  std::string prefix;       // for crypt_gensalt(3), "$y$"
  unsigned long count = 0;  // its cost; 0 is the method's own default
  // Bytes that the method looks at; 0 for all. A longer password would be cut in silence.
  std::size_t reads_bytes = 0;
};

struct MachinePolicy {
  HashMethod hash{"$y$", 0, 0};
  std::size_t min_length = 6;  // code points; of pam_unix, which runs behind the quality module
  bool check_quality = false;
  std::string quality_file;                  // pwquality.conf; may not exist
  std::vector<std::string> quality_options;  // arguments of pam_pwquality, "minlen=12"
  std::size_t remember = 0;                  // earlier passwords that are refused
  std::string history_folder;                // where the history file is
  std::string history_file;                  // its name in the folder
};

struct PamLine {
  std::string module;  // without folder: "pam_unix.so"
  std::vector<std::string> arguments;
};

// The lines of one type ("auth", "password") of a PAM service file in order; includes are not
// followed.
std::vector<PamLine> PamLines(std::string_view text, std::string_view type);
// The `password` lines.
std::vector<PamLine> PasswordLines(std::string_view text);

// kInternal when a file is there but cannot be read, or names a hash method that we do not know.
Result<MachinePolicy> ReadMachinePolicy(const std::string& etc);

}  // namespace sspr::setpw
