// SPDX-License-Identifier: Apache-2.0
// What each front end can show, by the PAM service that it uses: a table, from having watched them
// (docs/pam-stack.md, "What each screen can show"). Unknown ones are treated with care.
#pragma once

#include <cstdint>
#include <string_view>

namespace sspr {

// As most of them are, where the table says nothing else.
struct Profile {
  const char* name;  // for profile=NAME on the module's line
  const char* services;
  std::uint8_t columns = 0;  // lines of a message; 0: the screen breaks them by itself
  // Answers every question with one text: no reset can be led, so none is begun.
  bool one_answer = false;
  // Loses, queues or wants confirmed each message: all since the last question are said as one,
  // just before the next question.
  bool joins_messages = true;
  // Shows one line: line ends become spaces.
  bool one_line = false;
  // Shows so many characters of a prompt: a longer one also ends the message before it, the first
  // question's too. 0: shows a field alone.
  std::uint16_t prompt_columns = 511;
  // Shows "one moment, please" while nothing is asked, and by itself.
  bool shows_waits = true;
  // May ask for a visible answer right after a hidden one. Elsewhere that answer is hidden too, so
  // that what is left in the field is never shown.
  bool visible_after_hidden = false;
  // Does not empty its field: the last answer stands before the next one.
  bool keeps_answers = false;
  // Draws choice lists of its own (where the host says so, gdm_choices.h), and this many characters
  // of each label; 0: never.
  std::uint8_t choice_columns = 0;
  // Draws characters so evenly that a phone reads a QR code.
  bool draws_codes = false;
  // Changes a password that is demanded behind the authentication (PAM_NEW_AUTHTOK_REQD). Others
  // let the person in all the same, or end: a demand is made within the authentication there.
  bool changes_passwords = false;
  // What is said when the session opens stays on the screen long enough to be read.
  bool shows_reminders = false;
};

const Profile& ProfileOf(std::string_view service) noexcept;
// Null where no profile has this name.
const Profile* ProfileNamed(std::string_view name) noexcept;

// Cuts the last answer off the front of one that came from a front end with keeps_answers. The same
// answer once more is one that was typed again, or, where none was asked to be hidden, none.
std::string_view WithoutKept(std::string_view answer, std::string_view last, bool hidden) noexcept;

// Whether name is in a comma-separated list. An entry "abc*" stands for all that begin with abc.
bool IsListed(std::string_view list, std::string_view name) noexcept;

}  // namespace sspr
