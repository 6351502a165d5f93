// SPDX-License-Identifier: Apache-2.0
#include "service/portal/qr_picture.h"

#include <qrencode.h>

#include <memory>

#include "common/base/wipe.h"
#include "service/pages/catalogue.h"

namespace sspr::service {
namespace {

constexpr int kQuietModules = 4;  // ISO/IEC 18004, the margin

struct FreeCode {
  void operator()(QRcode* code) const {
    if (code == nullptr) return;
    Wipe(code->data, static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width));
    QRcode_free(code);
  }
};

}  // namespace

std::string QrPicture(std::string_view text, std::string_view label) {
  std::string terminated(text);
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString8bit(terminated.c_str(), 0, QR_ECLEVEL_M));
  Wipe(terminated.data(), terminated.size());
  if (!code) return {};
  const std::string side = std::to_string(code->width + 2 * kQuietModules);
  std::string svg = "<svg role=\"img\" aria-label=\"" + EscapeHtml(label) + "\" viewBox=\"0 0 " +
                    side + " " + side +
                    "\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\"";
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) == 0) continue;
      int end = x;
      while (end < code->width && (code->data[y * code->width + end] & 1) != 0) ++end;
      svg += "M" + std::to_string(x + kQuietModules) + " " + std::to_string(y + kQuietModules) +
             "h" + std::to_string(end - x) + "v1h-" + std::to_string(end - x) + "z";
      x = end;
    }
  }
  return svg + "\"/></svg>";
}

}  // namespace sspr::service
