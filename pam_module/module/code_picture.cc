// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/code_picture.h"

#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <string_view>

namespace sspr {
namespace {

constexpr std::size_t kQuiet = 2;  // light modules around; phones do with half of what is asked
constexpr std::size_t kOtherLines = 5;  // address and code before it, the question behind it

}  // namespace

Console ConsoleOfHost() noexcept {
  Console console;
  winsize size{};
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    console.rows = size.ws_row;
    console.columns = size.ws_col;
  }
  termios settings{};
  console.utf8 = tcgetattr(STDIN_FILENO, &settings) == 0 && (settings.c_iflag & IUTF8) != 0;
  return console;
}

CodePicture::CodePicture(CodeModules code, const Console& console) noexcept
    : code_(code), console_(console) {}

std::size_t CodePicture::side() const noexcept { return code_.side() + 2 * kQuiet; }

std::size_t CodePicture::lines() const noexcept {
  return console_.utf8 ? (side() + 1) / 2 : side();
}

bool CodePicture::fits() const noexcept {
  const std::size_t columns = console_.utf8 ? side() : 2 * side();
  return lines() + kOtherLines <= console_.rows && columns < console_.columns;
}

bool CodePicture::IsLight(std::size_t x, std::size_t y) const noexcept {
  if (x >= side() || y >= side()) return false;
  const bool quiet = x < kQuiet || y < kQuiet || x >= side() - kQuiet || y >= side() - kQuiet;
  return quiet || !code_.IsDark(x - kQuiet, y - kQuiet);
}

std::size_t CodePicture::Draw(std::size_t line, std::span<char> out) const noexcept {
  std::size_t size = 0;
  for (std::size_t x = 0; x < side(); ++x) {
    std::string_view drawn;
    if (console_.utf8) {
      const bool upper = IsLight(x, 2 * line);
      const bool lower = IsLight(x, 2 * line + 1);
      // U+2588, U+2580, U+2584: full block, upper half, lower half.
      drawn = upper ? (lower ? "\xE2\x96\x88" : "\xE2\x96\x80") : (lower ? "\xE2\x96\x84" : " ");
    } else {
      drawn = IsLight(x, line) ? "##" : "  ";
    }
    if (drawn.size() > out.size() - size) return 0;
    memcpy(out.data() + size, drawn.data(), drawn.size());
    size += drawn.size();
  }
  return size;
}

}  // namespace sspr
