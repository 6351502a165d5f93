// SPDX-License-Identifier: Apache-2.0
// The modules of a QR code, as the frame kCode carries them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sspr {

struct QrCode {
  std::uint8_t side = 0;
  std::string bits;  // side × side, row by row; 1 is dark
};

// Nothing for text that makes no code, or one that is too large for a frame.
std::optional<QrCode> MakeQrCode(const std::string& content);

}  // namespace sspr
