// SPDX-License-Identifier: Apache-2.0
// Byte strings of a fixed length: device ids, nonces, commitments, transaction ids. None of them is
// a secret.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/setpw_frames.h"

namespace sspr {

template <std::size_t Size>
using FixedBytes = std::array<char, Size>;

using TransactionId = FixedBytes<kTransactionIdBytes>;
using DeviceId = FixedBytes<kDeviceIdBytes>;
using Nonce = FixedBytes<kNonceBytes>;
using Commitment = FixedBytes<kCommitmentBytes>;

template <std::size_t Size>
std::string_view View(const FixedBytes<Size>& bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

// Nothing unless text has exactly Size bytes.
template <std::size_t Size>
std::optional<FixedBytes<Size>> FixedBytesFrom(std::string_view text) noexcept {
  if (text.size() != Size) return std::nullopt;
  FixedBytes<Size> made;
  std::copy(text.begin(), text.end(), made.begin());
  return made;
}

// Lower-case hexadecimal digits, two a byte.
std::string ToHex(std::string_view bytes);
// Nothing for an odd number of digits or anything that is no hexadecimal digit.
std::optional<std::string> FromHex(std::string_view digits);

}  // namespace sspr
