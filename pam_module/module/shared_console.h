// SPDX-License-Identifier: Apache-2.0
// A console that strangers share (idle= on the module's line): nothing of a person stays on its
// screen when their reset is over. Within /bin/login only, at the terminal that it runs on: whoever
// draws a screen of their own wipes it themselves. A question that nobody answers is ended by the
// login's own alarm (login_timer.h), and the screen is then getty's to wipe.
#pragma once

#include <chrono>
#include <string_view>

namespace sspr {

class SharedConsole {
 public:
  // idle: 0 where the console is not shared. terminal: PAM_TTY, with /dev/ or without.
  SharedConsole(std::string_view service, std::string_view terminal,
                std::chrono::seconds idle) noexcept;

  // The screen, what scrolled off it, and what was typed and not read yet. Nothing elsewhere.
  void Wipe() const noexcept;

 private:
  bool shared_;
};

}  // namespace sspr
