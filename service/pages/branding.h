// SPDX-License-Identifier: Apache-2.0
// How an organisation makes the pages its own: the branding file, an INI file with one section
// [brand]. Everything in it is checked; nothing in it becomes markup.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace sspr::service {

struct Branding {
  std::string product_name = "SSPR Login";
  std::string accent = "#2f5bd7";  // #rrggbb
  std::string help_text;           // one line, shown at the foot of each page
  std::string help_url;            // https://, mailto: or tel:
  std::string logo;                // the picture's bytes; empty: none
  std::string logo_type;           // "image/svg+xml" or "image/png"
};

// path empty: the defaults, with this name. kPolicy, "FILE:LINE: why", when it is refused;
// kInternal when it cannot be read.
Result<Branding> LoadBranding(const std::string& path, const std::string& product_name);

// The style sheet that carries the accent: made darker or lighter for each scheme until text in it,
// and text on it, has a contrast of 4.5 (WCAG 2.2, 1.4.3).
std::string BrandStyle(const Branding& branding);

}  // namespace sspr::service
