// SPDX-License-Identifier: Apache-2.0
// A small chart of bars, one an hour, as SVG that the style sheet colours. What it shows is said in
// figures beside it, so it is hidden from screen readers.
#pragma once

#include <string>
#include <vector>

#include "service/metrics/figures.h"

namespace sspr::service {

struct HourBar {
  UnixSeconds hour = 0;
  long long good = 0;
  long long bad = 0;  // on top
};

std::string HourChart(const std::vector<HourBar>& bars);

}  // namespace sspr::service
