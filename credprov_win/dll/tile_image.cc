// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/tile_image.h"

#include <array>
#include <cstdint>

namespace sspr {
namespace {

constexpr int kSide = 128;
constexpr int kScale = 8;
constexpr int kCells = kSide / kScale;
constexpr std::uint32_t kGround = 0xFF1F5F8Bu;
constexpr std::uint32_t kInk = 0xFFFFFFFFu;

// A question mark, a bit for each cell of eight pixels.
constexpr std::array<std::uint16_t, kCells> kMark = {0x0000, 0x0000, 0x07E0, 0x0FF0, 0x1C38, 0x1818,
                                                     0x0018, 0x0038, 0x0070, 0x00E0, 0x0180, 0x0180,
                                                     0x0000, 0x0180, 0x0180, 0x0000};

}  // namespace

HBITMAP MakeTileImage() noexcept {
  BITMAPINFO info{};
  info.bmiHeader.biSize = sizeof info.bmiHeader;
  info.bmiHeader.biWidth = kSide;
  info.bmiHeader.biHeight = -kSide;  // top row first
  info.bmiHeader.biPlanes = 1;
  info.bmiHeader.biBitCount = 32;
  info.bmiHeader.biCompression = BI_RGB;
  void* bits = nullptr;
  HBITMAP bitmap = CreateDIBSection(nullptr, &info, DIB_RGB_COLORS, &bits, nullptr, 0);
  if (bitmap == nullptr) return nullptr;
  auto* pixels = static_cast<std::uint32_t*>(bits);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const unsigned row = kMark[static_cast<std::size_t>(y / kScale)];
      const bool ink = ((row >> (kCells - 1 - x / kScale)) & 1u) != 0;
      *pixels++ = ink ? kInk : kGround;
    }
  }
  return bitmap;
}

}  // namespace sspr
