// SPDX-License-Identifier: Apache-2.0
#include "service/pages/branding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "common/base/text.h"
#include "common/config/ini_file.h"

namespace sspr::service {
namespace {

constexpr IniKey kKnown[] = {
    {"brand", "product_name"}, {"brand", "accent"},   {"brand", "logo_file"},
    {"brand", "help_text"},    {"brand", "help_url"},
};
constexpr std::size_t kMaxLogoBytes = 200 * 1024;
constexpr double kMinContrast = 4.6;  // a little over 4.5, for rounding

struct Colour {
  std::array<int, 3> channels{};
};

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ReadColour(std::string_view text, Colour& colour) {
  if (text.size() != 7 || text.front() != '#') return false;
  for (std::size_t i = 0; i < 3; ++i) {
    const int high = HexValue(text[1 + 2 * i]);
    const int low = HexValue(text[2 + 2 * i]);
    if (high < 0 || low < 0) return false;
    colour.channels[i] = high * 16 + low;
  }
  return true;
}

// WCAG 2.2, relative luminance.
double Luminance(const Colour& colour) {
  constexpr std::array<double, 3> kWeights = {0.2126, 0.7152, 0.0722};
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double value = colour.channels[i] / 255.0;
    sum +=
        kWeights[i] * (value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
  }
  return sum;
}

double Contrast(const Colour& a, const Colour& b) {
  const double one = Luminance(a);
  const double other = Luminance(b);
  return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

// A step towards black (0) or white (255).
Colour Towards(Colour colour, int end) {
  for (int& channel : colour.channels) {
    channel += (end - channel) / 16 + (end > channel ? 1 : -1);
    channel = std::clamp(channel, 0, 255);
  }
  return colour;
}

std::string Text(const Colour& colour) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x",
                static_cast<unsigned>(colour.channels[0]) & 0xFFU,
                static_cast<unsigned>(colour.channels[1]) & 0xFFU,
                static_cast<unsigned>(colour.channels[2]) & 0xFFU);
  return text.data();
}

constexpr Colour kWhite{{255, 255, 255}};
constexpr Colour kInk{{16, 20, 28}};
// The darkest and the lightest ground that accented text stands on, see portal.css.
constexpr Colour kLightGround{{237, 240, 245}};
constexpr Colour kDarkGround{{38, 43, 54}};

// As text on the ground.
Colour Readable(Colour colour, const Colour& ground, int towards) {
  for (int step = 0; step < 256 && Contrast(colour, ground) < kMinContrast; ++step) {
    colour = Towards(colour, towards);
  }
  return colour;
}

std::string Scheme(const Colour& accent) {
  const Colour& on = Contrast(accent, kWhite) >= kMinContrast ? kWhite : kInk;
  return "--accent:" + Text(accent) + ";--on-accent:" + Text(on) + ";";
}

Status ReadLogo(const IniFile& file, const IniEntry& entry, const std::string& path,
                Branding& branding) {
  if (path.ends_with(".svg")) branding.logo_type = "image/svg+xml";
  if (path.ends_with(".png")) branding.logo_type = "image/png";
  if (branding.logo_type.empty()) return file.Refuse(entry, "a logo is a .svg or a .png file");
  std::ifstream stream(path, std::ios::binary);
  branding.logo.assign(std::istreambuf_iterator<char>(stream), {});
  if (!stream.good() && !stream.eof()) return file.Refuse(entry, "the logo cannot be read");
  if (branding.logo.empty() || branding.logo.size() > kMaxLogoBytes) {
    return file.Refuse(entry, "a logo is a readable file of at most 200 KiB");
  }
  return Ok();
}

bool IsLink(std::string_view url) {
  const bool known =
      url.starts_with("https://") || url.starts_with("mailto:") || url.starts_with("tel:");
  return known && std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F && c != '"'; });
}

}  // namespace

Result<Branding> LoadBranding(const std::string& path, const std::string& product_name) {
  Branding branding;
  branding.product_name = product_name;
  if (path.empty()) return branding;
  const Result<IniFile> file = IniFile::Load(path);
  if (!file.ok()) return file.error();
  if (Status known = file->OnlyKnown(kKnown); !known.ok()) return known.error();
  for (const auto& [key, into] : {std::pair{"product_name", &branding.product_name},
                                  {"accent", &branding.accent},
                                  {"help_text", &branding.help_text},
                                  {"help_url", &branding.help_url}}) {
    const IniEntry* const entry = file->Find("brand", key);
    if (entry == nullptr) continue;
    *into = file->ValueOr("brand", key, "");
    if (!IsCleanText(*into, Lines::kOne)) return file->Refuse(*entry, "one line of plain text");
  }
  const auto at = [&file](const char* key) { return file->Find("brand", key); };
  Colour colour;
  if (!ReadColour(branding.accent, colour)) {
    return file->Refuse(*at("accent"), "write a colour as #rrggbb");
  }
  if (branding.product_name.empty()) return file->Refuse(*at("product_name"), "it needs a name");
  if (!branding.help_url.empty() && !IsLink(branding.help_url)) {
    return file->Refuse(*at("help_url"), "write https://…, mailto:… or tel:…");
  }
  if (const IniEntry* const entry = at("logo_file"); entry != nullptr) {
    const auto logo = file->PathOr("brand", "logo_file", "");
    if (!logo.ok()) return logo.error();
    if (Status read = ReadLogo(*file, *entry, *logo, branding); !read.ok()) return read.error();
  }
  return branding;
}

std::string BrandStyle(const Branding& branding) {
  Colour accent;
  if (!ReadColour(branding.accent, accent)) return {};
  return ":root{" + Scheme(Readable(accent, kLightGround, 0)) +
         "}\n@media (prefers-color-scheme:dark){:root{" +
         Scheme(Readable(accent, kDarkGround, 255)) + "}}\n";
}

}  // namespace sspr::service
