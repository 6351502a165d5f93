// SPDX-License-Identifier: Apache-2.0
// Frames: what the host of a login (PAM module, credential provider), sspr-flow and sspr-setpw say
// to each other. type:u8, length:u16 big endian (at most 1024), payload. docs/frames.md is the
// table of types and states.
//
// A frame may hold a password, so its payload lives in wiped memory. Nothing here allocates or
// throws.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/secret.h"

namespace sspr {

inline constexpr std::size_t kMaxFramePayload = 1024;
inline constexpr std::size_t kFrameHeaderBytes = 3;
inline constexpr std::uint8_t kFrameVersion = 1;

enum class FrameType : std::uint8_t {
  // host -> sspr-flow
  kBegin = 1,
  kAnswer = 2,
  kCancel = 3,
  kCheck = 4,
  // sspr-flow -> host
  kInfo = 16,
  kError = 17,
  kAskVisible = 18,
  kAskHidden = 19,
  kChoose = 20,
  kWait = 21,
  kDone = 22,
  kCode = 23,
  kVerdict = 24,
  // sspr-flow -> sspr-setpw
  kListPending = 32,
  kResolve = 33,
  kPrepare = 34,
  kPropose = 35,
  kCommit = 36,
  kAbort = 37,
  kUnlock = 38,
  kRemember = 39,
  // sspr-setpw -> sspr-flow
  kPending = 48,
  kResolved = 49,
  kReady = 50,
  kRefused = 51,
  kProposed = 52,
  kRejected = 53,
  kCommitted = 54,
  kFailed = 55,
  kAborted = 56,
  kRemembered = 57,
};

// Nothing for a byte that names no frame.
std::optional<FrameType> FrameTypeOf(std::uint8_t byte) noexcept;

using FramePayload = SecretBuffer<kMaxFramePayload + 1>;

struct Frame {
  FrameType type = FrameType::kCancel;
  FramePayload payload;
};

// Builds one encoded frame. Every Put returns false (and the frame is spoilt: Encoded() is empty)
// when the payload would pass 1024 bytes.
class FrameWriter {
 public:
  explicit FrameWriter(FrameType type) noexcept;
  bool PutU8(std::uint8_t value) noexcept;
  bool PutU16(std::uint16_t value) noexcept;
  // u16 length, then the bytes.
  bool PutString(std::string_view text) noexcept;
  // The bytes alone: only as the last field, or where their number is fixed.
  bool PutBytes(std::string_view bytes) noexcept;
  // Header and payload; valid while the writer lives. Empty when spoilt.
  std::string_view Encoded() noexcept;

 private:
  SecretBuffer<kFrameHeaderBytes + kMaxFramePayload + 1> buffer_;
  bool spoilt_ = false;
};

// Reads the fields of one payload in order. A read past the end spoils the reader and yields zero
// or empty values; check Complete() once at the end.
class FieldReader {
 public:
  explicit FieldReader(std::string_view payload) noexcept : rest_(payload) {}
  std::uint8_t U8() noexcept;
  std::uint16_t U16() noexcept;
  std::string_view String() noexcept;
  std::string_view Bytes(std::size_t count) noexcept;
  std::string_view Rest() noexcept;
  // True when every read was in bounds and nothing is left.
  bool Complete() const noexcept { return !spoilt_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool spoilt_ = false;
};

// Takes bytes as they arrive and hands out whole frames. After kBroken it stays broken.
class FrameDecoder {
 public:
  enum class State { kNeedMore, kFrame, kBroken };
  // Consumes bytes from the front of input up to the end of one frame. On kFrame, out holds it.
  State Feed(std::span<const char>& input, Frame& out) noexcept;
  // True when the stream may end here without a torn frame.
  bool AtBoundary() const noexcept { return header_bytes_ == 0; }

 private:
  std::array<unsigned char, kFrameHeaderBytes> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t wanted_ = 0;
  FramePayload payload_;
  bool broken_ = false;
};

// kBegin: version u8, capabilities u8, strings service, user, language, terminal.
inline constexpr std::uint8_t kCapabilityChoices = 1;    // the host draws real choice lists
inline constexpr std::uint8_t kCapabilityManyLines = 2;  // messages may have several lines
inline constexpr std::uint8_t kCapabilityCodes = 4;      // the host draws QR codes

// kCode: side u8, then side × side modules as bits, row by row, the first in the highest bit of the
// first byte; 1 is dark. A QR code has 17 + 4n modules a side; larger ones fit on no console.
inline constexpr std::size_t kFewestCodeModules = 21;
inline constexpr std::size_t kMostCodeModules = 57;

// kDone: outcome u8, answer index u16, text string (shown once when not empty).
enum class Outcome : std::uint8_t {
  kPasswordSet = 0,  // hand answer number `index` to the stack as the authentication token
  kNotChanged = 1,   // nothing was changed: the normal prompt follows
  kUnlocked = 2,     // nothing was changed, the account is open again: the normal prompt follows
};
inline constexpr std::uint16_t kNoAnswer = 0xFFFF;

// kCheck, the first frame of a connection in the place of kBegin: version u8, purpose u8, strings
// service, user, language. One kVerdict answers it: finding u8, text string (clean, may be empty).
enum class CheckPurpose : std::uint8_t {
  kAccount = 1,   // may this user, who is known already, go on with the password there is?
  kPassword = 2,  // is this user's password one that the service keeps too?
  kSession = 3,   // is there something that this user should be reminded of?
};
enum class CheckFinding : std::uint8_t {
  kNothing = 0,   // go on as if nobody had asked
  kReset = 1,     // kAccount: not before a new password is set
  kBlock = 2,     // kAccount: not at all
  kManaged = 3,   // kPassword: yes
  kUnready = 4,   // kPassword: yes, but the user has no way to prove who it is
  kReminder = 5,  // kSession: show text; a kAnswer says that it was shown
  kUnknown = 6,   // the service could not be asked
};
// Offered in one kChoose: text string, count u8, that many label strings. The answer is the number
// of the option, "1" to "9".
inline constexpr std::size_t kMaxChoices = 9;

}  // namespace sspr
