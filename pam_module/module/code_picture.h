// SPDX-License-Identifier: Apache-2.0
// A QR code as lines of characters. Light modules are drawn and dark ones are left out, as consoles
// write light on dark.
#pragma once

#include <cstddef>
#include <span>

#include "common/base/host_flow.h"

namespace sspr {

struct Console {
  std::size_t rows = 24;
  std::size_t columns = 80;
  bool utf8 = false;
};

// What is known of the terminal on the standard input of the host.
Console ConsoleOfHost() noexcept;

class CodePicture {
 public:
  CodePicture(CodeModules code, const Console& console) noexcept;

  // With the lines before it and the question behind it, on one screen.
  bool fits() const noexcept;
  std::size_t lines() const noexcept;
  // Writes one line and returns its bytes; 0 when out is too small.
  std::size_t Draw(std::size_t line, std::span<char> out) const noexcept;

 private:
  bool IsLight(std::size_t x, std::size_t y) const noexcept;
  std::size_t side() const noexcept;  // with the quiet zone

  CodeModules code_;
  Console console_;
};

}  // namespace sspr
