// SPDX-License-Identifier: Apache-2.0
#include "service/methods/typed_code.h"

namespace sspr::service {
namespace {

// '\0' when it is not of the alphabet.
char Base32Letter(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
  if ((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')) return c;
  if (c == '0') return 'O';
  if (c == '1') return 'I';
  if (c == '8') return 'B';
  return '\0';
}

char Digit(char c) { return c >= '0' && c <= '9' ? c : '\0'; }

template <typename Letter>
std::optional<Secret> Read(const Secret& typed, int length, Letter letter) {
  std::optional<Secret> code(std::in_place);
  for (const char& c : typed.Reveal()) {
    if (c == ' ' || c == '-') continue;
    const char read = letter(c);
    if (read == '\0' || !code->Append({&read, 1})) return std::nullopt;
  }
  if (code->size() != static_cast<std::size_t>(length)) return std::nullopt;
  return code;
}

}  // namespace

std::optional<Secret> DigitsOf(const Secret& typed, int length) {
  return Read(typed, length, Digit);
}

std::optional<Secret> Base32CodeOf(const Secret& typed, int length) {
  return Read(typed, length, Base32Letter);
}

}  // namespace sspr::service
