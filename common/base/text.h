// SPDX-License-Identifier: Apache-2.0
// Rules for text that crosses a boundary: what may be shown on a terminal or in a greeter.
//
// Server text, configuration and names are shown only through FilterForDisplay; frames whose text
// is not clean end the flow. C1 controls matter as much as C0: in UTF-8 "\xC2\x9B" is a CSI.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sspr {

// The longest text that Linux-PAM takes in one message, without its NUL (PAM_MAX_MSG_SIZE).
inline constexpr std::size_t kMaxTextBytes = 511;

enum class Lines { kOne, kMany };

// Valid UTF-8 (shortest form, no surrogates, at most U+10FFFF).
bool IsUtf8(std::string_view text) noexcept;

// Valid UTF-8 of at most kMaxTextBytes without C0 (but '\n' where many lines are allowed), DEL, C1,
// bidirectional controls, line or paragraph separators, or byte-order marks.
bool IsCleanText(std::string_view text, Lines lines) noexcept;

// Writes text to out with each forbidden code point or stray byte replaced by '?', cut before the
// code point that no longer fits. Returns the bytes written; adds no NUL.
std::size_t FilterForDisplay(std::string_view text, Lines lines, std::span<char> out) noexcept;

// Breaks lines for a screen that would cut words: turns spaces into '\n' so that each line has at
// most `columns` code points where its words allow. For clean text; changes no other byte.
void BreakLines(std::span<char> text, std::size_t columns) noexcept;

// Code points of valid UTF-8; each stray byte counts as one.
std::size_t CountCodePoints(std::string_view text) noexcept;

// A login name that we carry: 1 to 255 bytes of [A-Za-z0-9._@+-] and '\', first neither '-' nor
// '.', not "..". Anything else is refused, never stripped (aliasing).
bool IsCarriableUserName(std::string_view name) noexcept;

}  // namespace sspr
