// SPDX-License-Identifier: Apache-2.0
#include "common/client/qr_code.h"

#include <qrencode.h>

#include <memory>

#include "common/base/frame.h"

namespace sspr {

std::optional<QrCode> MakeQrCode(const std::string& content) {
  struct Release {
    void operator()(QRcode* code) const { QRcode_free(code); }
  };
  // The least of error correction, for the fewest modules: it is read from a screen, not from
  // paper.
  const std::unique_ptr<QRcode, Release> code(
      QRcode_encodeString8bit(content.c_str(), 0, QR_ECLEVEL_L));
  if (!code || code->width > static_cast<int>(kMostCodeModules)) return std::nullopt;
  QrCode made;
  made.side = static_cast<std::uint8_t>(code->width);
  const std::size_t modules = std::size_t{made.side} * made.side;
  made.bits.assign((modules + 7) / 8, '\0');
  for (std::size_t i = 0; i < modules; ++i) {
    const unsigned dark = code->data[i] & 1u;
    made.bits[i / 8] =
        static_cast<char>(static_cast<unsigned char>(made.bits[i / 8]) | dark << (7 - i % 8));
  }
  return made;
}

}  // namespace sspr
