// SPDX-License-Identifier: Apache-2.0
// The few error codes of the product. A code names what the caller does next; anything finer is a
// detail for the log and is never shown to a person.
#pragma once

#include <cstdint>

namespace sspr {

enum class Errc : std::uint8_t {
  kCancelled,    // the person left: end quietly
  kTimedOut,     // a machine did not answer in time: say so, go back to the normal prompt
  kUnreachable,  // there is nobody at the other end: say so, go back to the normal prompt
  kDenied,       // the other side said no for good: say so, go back
  kPolicy,       // the input breaks a rule: show the rule, ask again
  kExpired,      // the step or the whole flow is too old: start again
  kProtocol,     // the other side broke the protocol: trust nothing more from it
  kInternal,     // our own fault or the machine's (memory, files): back to the normal prompt
};

// The name of a code for logs ("timed_out").
const char* Name(Errc code) noexcept;

}  // namespace sspr
