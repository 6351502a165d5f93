// SPDX-License-Identifier: Apache-2.0
// Whether an account stands in the machine's own passwd file. The file is read directly: no name
// service is asked before the first question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sspr {

struct LocalAccount {
  std::uint32_t uid = 0;
};

// The first line of that name in the text of a passwd file. A line without a sound uid counts as
// uid 0, which nothing is done for.
std::optional<LocalAccount> FindLocalAccount(std::string_view passwd, std::string_view user);

// The text of the file, or nothing when it cannot be read.
std::optional<std::string> ReadTextFile(const std::string& path, std::size_t most_bytes);

}  // namespace sspr
